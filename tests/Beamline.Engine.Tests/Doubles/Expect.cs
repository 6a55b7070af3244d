using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Reporting;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>What tests of an engine expect of it.</summary>
internal static class Expect
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A search completed with exactly these bytes.</summary>
    public static void Same(SearchOutcome outcome, ImmutableArray<FinishedHypothesis> expected)
    {
        outcome.Error.ShouldBeNull();
        outcome.Hypotheses.Select(Show).ShouldBe(expected.Select(Show));
    }

    /// <summary>A search completed with exactly these bytes.</summary>
    public static void ShouldBeSameAs(this SearchOutcome outcome, ImmutableArray<FinishedHypothesis> expected) => Same(outcome, expected);

    /// <summary>The load is published a moment after the outcome: waits for one that shows what is expected.</summary>
    public static Task ShouldShowAsync(this InferenceEngine engine, Func<EngineLoad, bool> expected, Action? meanwhile = null) =>
        UntilAsync(() => expected(engine.Load), () => $"the load stays at {engine.Load}", meanwhile);

    /// <summary>Waits until the engine is where it is expected.</summary>
    public static Task ShouldBecomeAsync(this InferenceEngine engine, EngineState expected, Action? meanwhile = null) =>
        UntilAsync(() => engine.State == expected, () => $"the engine stays {engine.State} and does not become {expected}", meanwhile);

    public static async Task UntilAsync(Func<bool> isThere, Func<string> otherwise, Action? meanwhile = null)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (!isThere())
        {
            limit.IsCancellationRequested.ShouldBeFalse(otherwise());
            meanwhile?.Invoke();
            await Task.Yield();
        }
    }

    private static string Show(FinishedHypothesis found) =>
        $"{found.Branch}: {string.Join(' ', found.Ids)} ({found.Score:R}, {found.Reason})";
}
