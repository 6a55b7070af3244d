using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Backends;
using Beamline.Engine.Configuration;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests.Prefixes;

/// <summary>Prompts that begin alike: what they have in common is computed once where that pays, else side by side.</summary>
public sealed class SharedBeginningTests
{
    private readonly List<ForwardShape> _passes = [];
    private readonly Gate _gate = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ShortCommonBeginning_OnePassForAllPrompts_WhetherOrNotItIsAtHand(bool isAtHand)
    {
        using InferenceEngine engine = Open();
        if (isAtHand) await engine.RunAsync(Tickets.Greedy(Prompt(99, common: 10, length: 20), 2));

        await TogetherAsync(engine, prompts: 15, common: 10, length: 20);

        _passes.ShouldHaveSingleItem().ShouldBe(new(Entries: 15, Width: 20));
    }

    [Fact]
    public async Task LongCommonBeginning_ComputedOnce()
    {
        using InferenceEngine engine = Open();

        SearchOutcome[] outcomes = await TogetherAsync(engine, prompts: 15, common: 50, length: 60);

        outcomes.Sum(outcome => outcome.PrefilledTokens).ShouldBe(60 + (14 * 10));
        outcomes.Sum(outcome => outcome.CachedTokens).ShouldBe(14 * 50);
    }

    [Fact]
    public async Task CachedPrompts_TakeOnlyWhatIsLeftOfThemFromTheStepsBudget()
    {
        using InferenceEngine engine = Open(options => (options.PrefillTokens, options.PrefillTime) = (32, TimeSpan.FromSeconds(10)));
        await engine.RunAsync(Tickets.Greedy(Prompt(99, common: 50, length: 60), 2));

        await TogetherAsync(engine, prompts: 3, common: 50, length: 60);

        // Ten tokens each of a budget of 32: all of them before the next token of the row that runs, though no prompt would go in whole.
        _passes.Count.ShouldBe(3);
        _decodesBetween.ShouldBe(0);
    }

    private int _decodesBetween;

    /// <summary>Prompts that come while a row runs, all in one step.</summary>
    private async Task<SearchOutcome[]> TogetherAsync(InferenceEngine engine, int prompts, int common, int length)
    {
        HashModel model = new();
        SearchTicket[] tickets = [.. Enumerable.Range(0, prompts).Select(i => Tickets.Greedy(Prompt(i, common, length), 3))];
        _gate.Arm();
        Task<SearchOutcome> runner = engine.RunAsync(Tickets.Greedy([1, 2], 12));
        await _gate.Reached;
        Task<SearchOutcome>[] tasks = [.. tickets.Select(engine.RunAsync)];
        _passes.Clear();
        _decodesBetween = 0;
        _gate.Open();

        SearchOutcome[] outcomes = await Task.WhenAll(tasks);

        await runner;
        for (int i = 0; i < prompts; i++) outcomes[i].ShouldBeSameAs(Oracle.Run(tickets[i], model));
        return outcomes;
    }

    private static ImmutableArray<int> Prompt(int number, int common, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (i < common ? i : (i * 3) + (number * 5) + 1) % HashModel.Vocabulary)];

    private InferenceEngine Open(Action<EngineOptions>? change = null)
    {
        EngineOptions options = new() { StreamInterval = TimeSpan.Zero };
        change?.Invoke(options);
        return new(new HashModel(Note).ToEngineModel(), options, TimeProvider.System, NullLogger.Instance);
    }

    private void Note(ForwardPass pass)
    {
        _gate.Pass(pass);
        if (!pass.IsDecode && pass.Width > 2) _passes.Add(new(pass.Entries.Length, pass.Width));
        else if (_passes.Count is 1 or 2) _decodesBetween++;
    }

    private readonly record struct ForwardShape(int Entries, int Width);
}
