using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;
using Beamline.Engine.Configuration;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests.Traits;

/// <summary>What a model declares of its arithmetic is obeyed: the model without weights checks it in every pass.</summary>
public sealed class ModelTraitsTests
{
    private static readonly ModelTraits Border = new(PromptInPieces: true, PrefixesShared: true, RecomputedBeyond: 30);

    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(2, 0)]
    public async Task RunsThatCrossTheBorder_AreComputedAgainOnce_TheSameWhateverRunsBeside(int seed, int prefixBytes)
    {
        HashModel model = new() { Traits = Border };
        Random random = new(seed);
        using InferenceEngine engine = Open(model, options => (options.Rows, options.PrefixCacheBytes) = (6, prefixBytes));
        List<SearchTicket> tickets = [.. Enumerable.Range(0, 80).Select(_ => Tickets.Random(random))];
        tickets.ShouldContain(ticket => ticket.PromptIds.Length <= 30 && ticket.PromptIds.Length + ticket.Parameters.MaxNewTokens > 32);

        SearchOutcome[] outcomes = await Task.WhenAll(tickets.Select(engine.RunAsync));

        for (int i = 0; i < tickets.Count; i++) outcomes[i].ShouldBeSameAs(Oracle.Run(tickets[i], model));
    }

    [Fact]
    public async Task RunBeyondTheBorder_GivesWayAndGoesOn_SameResult()
    {
        Gate gate = new(afterPasses: 12);
        HashModel model = new(gate.Pass) { Traits = Border };
        using InferenceEngine engine = Open(model, options => options.Rows = 4);
        SearchTicket batch = Tickets.Of(
            [.. Enumerable.Range(0, 25)], new() { MaxNewTokens = 30, NumBeams = 4 }, RequestPriority.Batch);

        Task<SearchOutcome> slow = engine.RunAsync(batch);
        await gate.Reached;     // eight steps behind the border
        Task<SearchOutcome> urgent = engine.RunAsync(Tickets.Greedy([5, 6, 7], 5));
        gate.Open();

        (await urgent).Error.ShouldBeNull();
        (await slow).ShouldBeSameAs(Oracle.Run(batch, model));
    }

    [Fact]
    public async Task RunBeyondTheBorder_ResumedFromAnyStep_SameResult()
    {
        HashModel model = new() { Traits = Border };
        using InferenceEngine engine = Open(model);
        SearchTicket ticket = Tickets.Of([.. Enumerable.Range(0, 26)], new() { MaxNewTokens = 14, NumBeams = 3 });
        for (int step = 1; step < 14; step++)
        {
            SearchTicket resumed = ticket with { Id = new(new($"border-{step}"), 0, 0), Resume = Oracle.StateAt(ticket, model, step) };
            (await engine.RunAsync(resumed)).ShouldBeSameAs(Oracle.Run(ticket, model));
        }
    }

    [Fact]
    public async Task PromptsThatCannotBeCut_AreComputedAtOnce_HoweverLong()
    {
        List<int> widths = [];
        HashModel model = new(pass => widths.Add(pass.Width)) { Traits = new(PromptInPieces: false, PrefixesShared: false) };
        using InferenceEngine engine = Open(model, options => options.PrefillTokens = 8);
        SearchTicket ticket = Tickets.Greedy([.. Enumerable.Range(0, 37)], 5);

        (await engine.RunAsync(ticket)).ShouldBeSameAs(Oracle.Run(ticket, model));

        widths[0].ShouldBe(37);
    }

    [Fact]
    public async Task PrefixesThatAreNotShared_AreNotTakenFromOthers_ButKeptForTheSearchItself()
    {
        Gate gate = new(afterPasses: 6);
        HashModel model = new(gate.Pass) { Traits = new(PrefixesShared: false) };
        using InferenceEngine engine = Open(model, options => options.Rows = 4);
        SearchTicket batch = Tickets.Of([.. Enumerable.Range(0, 20)], new() { MaxNewTokens = 25, NumBeams = 4 }, RequestPriority.Batch);
        SearchTicket interactive = Tickets.Greedy([.. Enumerable.Range(0, 20)], 5);
        Task<SearchOutcome> slow = engine.RunAsync(batch);
        await gate.Reached;
        Task<SearchOutcome> urgent = engine.RunAsync(interactive);
        gate.Open();

        SearchOutcome outcome = await urgent;
        outcome.ShouldBeSameAs(Oracle.Run(interactive, model));
        outcome.CachedTokens.ShouldBe(0);
        (await slow).ShouldBeSameAs(Oracle.Run(batch, model));
        await engine.ShouldShowAsync(load => load.Counters is { Preemptions: 1, ReplayedTokens: 0, PrefilledTokens: 40 });
        await engine.ShouldShowAsync(load => load.PrefixBytes == 0);      // what was kept for a search goes with it
    }

    private static InferenceEngine Open(HashModel model, Action<EngineOptions>? change = null)
    {
        EngineOptions options = new() { StreamInterval = TimeSpan.Zero };
        change?.Invoke(options);
        return new(model.ToEngineModel(), options, TimeProvider.System, NullLogger.Instance);
    }
}
