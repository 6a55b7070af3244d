using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Configuration;
using Beamline.Engine.Invariants;
using Beamline.Engine.Searches;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests.Faults;

/// <summary>Searches that name no length take KV while they grow, on a budget far below the context.</summary>
public sealed class GrowthTests
{
    private readonly HashModel _model = new();

    [Fact]
    public async Task WithoutALength_OnLessThanTheContext_RunsToItsStopId()
    {
        using InferenceEngine engine = Open(blocks: 3);
        SearchTicket ticket = StoppingAfter(35, first: 1);
        SearchOutcome outcome = await engine.RunAsync(ticket);

        Expect.Same(outcome, Oracle.Run(ticket, _model));
        outcome.Hypotheses.ShouldHaveSingleItem().Reason.ShouldBe(FinishReason.Eos);
        outcome.Hypotheses[0].Ids.Length.ShouldBe(35);
    }

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(0, false)]
    public async Task SeveralGrow_TheLatestGivesWay_AllFindWhatTheyFindAlone(int prefixPositions, bool isKept)
    {
        SearchId? preempted = null;
        List<SearchId> admitted = [];
        Gate gate = new(afterPasses: 0);
        HashModel model = new(gate.Pass);
        EngineModel watched = model.ToEngineModel() with
        {
            AfterStep = view =>
            {
                HashModel.Enforce(view);
                admitted.AddRange(view.Running.Select(search => search.Id).Except(admitted));
                preempted ??= view.Waiting.FirstOrDefault(search => search.Life == SearchLife.Preempted)?.Id;
            },
        };
        using InferenceEngine engine = Open(blocks: 9, prefixPositions, watched);
        SearchTicket[] tickets = [.. Enumerable.Range(0, 4).Select(i => StoppingAfter(40, first: 1 + (5 * i)))];
        Task<SearchOutcome>[] searches = [.. tickets.Select(engine.RunAsync)];
        await gate.Reached;
        gate.Open();

        for (int i = 0; i < tickets.Length; i++) Expect.Same(await searches[i], Oracle.Run(tickets[i], model));

        await engine.ShouldShowAsync(load => load.KvUsedBytes == 0 && load.FreeRows == engine.Rows);
        preempted.ShouldNotBeNull();
        admitted.IndexOf(preempted.Value).ShouldBeGreaterThan(0, "the first one stays");
        engine.Load.Counters.Preemptions.ShouldBeGreaterThan(0);
        if (isKept) engine.Load.Counters.ReplayedTokens.ShouldBe(0);
        else engine.Load.Counters.ReplayedTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task BeamsWithoutALength_RestoredInPart_FindWhatTheyFindAlone()
    {
        // Room for some of the rows' positions: those of the others are computed again.
        using InferenceEngine engine = Open(blocks: 13, prefixPositions: 60);
        SearchTicket[] tickets = [.. Enumerable.Range(0, 6).Select(i => Tickets.Of(
            [i, 2, 3, 4, 5], new() { NumBeams = 3, EosTokenId = [7, 8], EarlyStopping = Abstractions.Parameters.EarlyStopping.True }))];

        SearchOutcome[] outcomes = await Task.WhenAll(tickets.Select(engine.RunAsync));

        for (int i = 0; i < tickets.Length; i++)
        {
            if (outcomes[i].Error is { } error) error.Code.ShouldBe(BeamlineErrorCode.NoRoom);
            else Expect.Same(outcomes[i], Oracle.Run(tickets[i], _model));
        }
    }

    [Fact]
    public async Task OneThatOutgrowsEverything_EndsRetryable_OthersGoOn()
    {
        using InferenceEngine engine = Open(blocks: 3);
        SearchTicket small = Tickets.Greedy([4, 5, 6], 20);
        Task<SearchOutcome> endless = engine.RunAsync(Tickets.Of([1, 2, 3], new() { EosTokenId = [] }));
        Task<SearchOutcome> other = engine.RunAsync(small);

        SearchOutcome outcome = await endless;
        outcome.Retryable.ShouldBeTrue();
        outcome.Error!.Code.ShouldBe(BeamlineErrorCode.NoRoom);
        Expect.Same(await other, Oracle.Run(small, _model));
    }

    [Fact]
    public async Task ExplicitLengthThatCanNeverFit_RefusedByItsField()
    {
        using InferenceEngine engine = Open(blocks: 3);
        BeamlineError refusal = engine.Submit(Tickets.Greedy([1, 2, 3], 46)).ShouldNotBeNull();
        refusal.Code.ShouldBe(BeamlineErrorCode.InvalidRequest);
        refusal.Faults.ShouldHaveSingleItem().Field.ShouldBe("max_new_tokens");
        engine.Submit(Tickets.Of([1, 2, 3], new() { MaxLength = 49 }))!.Faults.ShouldHaveSingleItem();
        Expect.Same(await engine.RunAsync(Tickets.Greedy([1, 2, 3], 45)), Oracle.Run(Tickets.Greedy([1, 2, 3], 45), _model));
    }

    [Fact]
    public async Task PreemptedSearchWhoseDeadlinePassesInTheLine_EndsWithWhatItHas_AndLeavesNothing()
    {
        ManualClock clock = new();
        DateTimeOffset deadline = clock.GetUtcNow().AddMinutes(1);
        Gate gate = new(afterPasses: 0);
        HashModel model = new(gate.Pass);
        EngineModel watched = model.ToEngineModel() with
        {
            AfterStep = view =>
            {
                HashModel.Enforce(view);
                if (view.Waiting.Any(search => search.Life == SearchLife.Preempted)) clock.Advance(TimeSpan.FromMinutes(2));
            },
        };
        using InferenceEngine engine = new(watched, NewOptions(blocks: 5, 10_000), clock, NullLogger.Instance);
        SearchTicket first = Tickets.Greedy([1, 2], 60);
        SearchTicket second = Tickets.Of([3, 4], new() { EosTokenId = [] }) with { Deadline = deadline };
        Task<SearchOutcome> stays = engine.RunAsync(first), goes = engine.RunAsync(second);
        await gate.Reached;
        gate.Open();

        FinishedHypothesis cut = (await goes).Hypotheses.ShouldHaveSingleItem();
        cut.Reason.ShouldBe(FinishReason.Deadline);
        cut.Ids.ShouldBe(Oracle.Run(second, model)[0].Ids[..cut.Ids.Length]);
        Expect.Same(await stays, Oracle.Run(first, model));
        await engine.ShouldShowAsync(load => load is { KvUsedBytes: 0, QueuedSearches: 0 } && load.FreeRows == engine.Rows);
        Expect.Same(await engine.RunAsync(first with { Id = second.Id with { Part = 1 } }), Oracle.Run(first, model));
    }

    /// <summary>A search without a length that ends by its stop id after exactly so many tokens.</summary>
    private SearchTicket StoppingAfter(int tokens, int first)
    {
        for (int i = first; ; i++)
        {
            ImmutableArray<int> prompt = [i % 30, i / 30, 3];
            ImmutableArray<int> ids = Oracle.Run(Tickets.Greedy(prompt, tokens), _model)[0].Ids;
            if (ids.IndexOf(ids[^1]) != tokens - 1) continue;
            return Tickets.Of(prompt, new() { EosTokenId = [ids[^1]] }, RequestPriority.Interactive);
        }
    }

    private InferenceEngine Open(int blocks, int prefixPositions = 10_000, EngineModel? model = null) =>
        new(model ?? _model.ToEngineModel(), NewOptions(blocks, prefixPositions), TimeProvider.System, NullLogger.Instance);

    private static EngineOptions NewOptions(int blocks, int prefixPositions) => new()
    {
        Rows = 6,
        KvBytes = blocks * HashModel.BlockBytes,
        PrefixCacheBytes = prefixPositions * HashModel.Description.Kv.BytesPerPosition,
        StreamInterval = TimeSpan.Zero,
    };
}
