using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Reporting;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>What tests expect of outcomes and of an engine's load.</summary>
internal static class Expectations
{
    /// <summary>The search completed, with the ids, scores and reasons of a run by itself.</summary>
    public static void ShouldBeSameAs(this SearchOutcome outcome, ImmutableArray<FinishedHypothesis> expected)
    {
        outcome.Error.ShouldBeNull();
        outcome.Hypotheses.Select(Show).ShouldBe(expected.Select(Show));
    }

    /// <summary>The load is published a moment after the outcome: waits for one that shows what is expected.</summary>
    public static async Task ShouldShowAsync(this InferenceEngine engine, Func<EngineLoad, bool> expected, string? what = null)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!expected(engine.Load))
        {
            limit.IsCancellationRequested.ShouldBeFalse($"{what}: the load stays at {engine.Load}, {engine.Load.Counters}");
            await Task.Yield();
        }
    }

    private static string Show(FinishedHypothesis found) =>
        $"{found.Branch}: {string.Join(' ', found.Ids)} ({found.Score:R}, {found.Reason})";
}
