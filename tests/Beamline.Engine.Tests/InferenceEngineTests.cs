using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Configuration;
using Beamline.Engine.Reporting;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests;

public sealed class InferenceEngineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneGreedySearch_FindsWhatTheOracleFinds()
    {
        HashModel model = new();
        using InferenceEngine engine = Open(model);
        SearchTicket ticket = Tickets.Greedy([3, 1, 4, 1, 5], 20);

        SearchOutcome outcome = await engine.RunAsync(ticket);

        outcome.ShouldBeSameAs(Oracle.Run(ticket, model));
        outcome.PrefilledTokens.ShouldBe(5);
    }

    [Theory]
    [InlineData(1, 4, 64)]
    [InlineData(2, 7, 3)]
    [InlineData(3, 16, 512)]
    [InlineData(4, 5, 2)]
    public async Task StrangersInOneBatch_EachFindsWhatItFindsAlone(int seed, int rows, int prefillTokens)
    {
        HashModel model = new();
        Random random = new(seed);
        using InferenceEngine engine = Open(model, options =>
        {
            options.Rows = rows;
            options.PrefillTokens = prefillTokens;
            options.PrefixCacheBytes = random.Next(2) * 1_000_000;
        });
        List<SearchTicket> tickets = [.. Enumerable.Range(0, 150).Select(_ => Tickets.Random(random))];

        SearchOutcome[] outcomes = await Task.WhenAll(tickets.Select(engine.RunAsync));

        for (int i = 0; i < tickets.Count; i++) outcomes[i].ShouldBeSameAs(Oracle.Run(tickets[i], model));
        await engine.ShouldShowAsync(load => load is { KvUsedBytes: 0, QueuedSearches: 0, QueuedTokens: 0 } && load.FreeRows == rows);
    }

    [Fact]
    public async Task InteractiveSearchWithoutRoom_BatchSearchGivesWay_BothFindWhatTheyFindAlone()
    {
        Gate gate = new(afterPasses: 6);
        HashModel model = new(gate.Pass);
        using InferenceEngine engine = Open(model, options => options.Rows = 4);
        SearchTicket batch = Tickets.Of([1, 2, 3], new() { MaxNewTokens = 25, NumBeams = 4 }, RequestPriority.Batch);
        SearchTicket interactive = Tickets.Greedy([5, 6, 7], 5);

        Task<SearchOutcome> slow = engine.RunAsync(batch);
        await gate.Reached;
        Task<SearchOutcome> urgent = engine.RunAsync(interactive);
        gate.Open();

        (await urgent).ShouldBeSameAs(Oracle.Run(interactive, model));
        (await slow).ShouldBeSameAs(Oracle.Run(batch, model));
        await engine.ShouldShowAsync(load => load.Counters is { Preemptions: 1, ReplayedTokens: 0, PrefilledTokens: 6 });
    }

    [Fact]
    public async Task SamplesOfOnePrompt_ComputeThePromptOnce()
    {
        using InferenceEngine engine = Open(new());
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, 50).Select(i => i % 30)];

        SearchOutcome outcome = await engine.RunAsync(
            Tickets.Of(prompt, new() { MaxNewTokens = 9, DoSample = true, NumReturnSequences = 8 }));

        outcome.Hypotheses.Length.ShouldBe(8);
        await engine.ShouldShowAsync(load => load.Counters.PrefilledTokens == 50);
    }

    [Fact]
    public async Task PromptWithAKnownPrefix_ComputesTheRestOnly_SameResult()
    {
        HashModel model = new();
        using InferenceEngine engine = Open(model);
        ImmutableArray<int> system = [.. Enumerable.Range(0, 40).Select(i => i * 7 % 30)];
        SearchTicket first = Tickets.Greedy(system.Add(1).Add(2), 6);
        SearchTicket second = Tickets.Greedy(system.Add(9).Add(8).Add(7), 6);
        SearchTicket again = Tickets.Greedy(system.Add(1).Add(2), 6);

        (await engine.RunAsync(first)).ShouldBeSameAs(Oracle.Run(first, model));
        SearchOutcome outcome = await engine.RunAsync(second);
        outcome.ShouldBeSameAs(Oracle.Run(second, model));
        (outcome.CachedTokens, outcome.PrefilledTokens).ShouldBe((40, 3));
        // At least two tokens are computed, since one alone has other bits.
        SearchOutcome repeated = await engine.RunAsync(again);
        repeated.ShouldBeSameAs(Oracle.Run(again, model));
        (repeated.CachedTokens, repeated.PrefilledTokens).ShouldBe((40, 2));
    }

    [Fact]
    public async Task PrefixCache_HoldsItsBytes()
    {
        HashModel model = new();
        long capacity = HashModel.Description.Kv.BytesPerPosition * 100;
        using InferenceEngine engine = Open(model, options => options.PrefixCacheBytes = capacity);
        for (int i = 0; i < 30; i++)
        {
            SearchTicket ticket = Tickets.Greedy([.. Enumerable.Range(0, 40).Select(k => (k * i + i) % 31)], 2);
            (await engine.RunAsync(ticket)).ShouldBeSameAs(Oracle.Run(ticket, model));
        }
    }

    [Fact]
    public async Task FullLine_OverloadedAtOnceWithARetryTime()
    {
        Gate gate = new(afterPasses: 1);
        using InferenceEngine engine = Open(new(gate.Pass), options =>
        {
            options.Rows = 1;
            options.QueuedSearches = 2;
        });
        Task<SearchOutcome> running = engine.RunAsync(Tickets.Greedy([1, 2], 5));
        await gate.Reached;
        Task<SearchOutcome>[] waiting = [engine.RunAsync(Tickets.Greedy([1, 2], 5)), engine.RunAsync(Tickets.Greedy([1, 2], 5))];

        BeamlineError refusal = engine.Submit(Tickets.Greedy([1, 2], 5)).ShouldNotBeNull();

        refusal.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        refusal.RetryAfter.ShouldNotBeNull();
        gate.Open();
        await running;
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task SearchThatCanNeverFit_RefusedWithAllReasons()
    {
        using InferenceEngine engine = Open(new(), options =>
        {
            options.Rows = 2;
            options.KvBytes = HashModel.BlockBytes * 2;
        });
        BeamlineError refusal = engine.Submit(Tickets.Of([1, 2], new() { MaxNewTokens = 40, NumBeams = 3 })).ShouldNotBeNull();

        refusal.Code.ShouldBe(BeamlineErrorCode.InvalidRequest);
        refusal.Faults.Select(fault => fault.Field).ShouldBe(["num_beams", "max_new_tokens"]);
        await engine.RunAsync(Tickets.Greedy([1, 2], 5));
    }

    [Fact]
    public async Task Cancel_EndsWithinOneStep_RowsReturn()
    {
        Gate gate = new(afterPasses: 4);
        using InferenceEngine engine = Open(new(gate.Pass));
        SearchTicket ticket = Tickets.Greedy([1, 2], 50);
        Task<SearchOutcome> running = engine.RunAsync(ticket);
        await gate.Reached;

        engine.Cancel(ticket.Id);
        gate.Open();

        (await running).Error!.Code.ShouldBe(BeamlineErrorCode.Cancelled);
        await engine.ShouldShowAsync(load => load.Counters.GeneratedTokens is > 0 and <= 5 && load.FreeRows == engine.Rows);
    }

    [Fact]
    public async Task DeadlinePasses_EndsWithWhatThereIs()
    {
        Gate gate = new(afterPasses: 4);
        ManualClock clock = new();
        HashModel model = new(gate.Pass);
        using InferenceEngine engine = new(model.ToEngineModel(), new() { StreamInterval = TimeSpan.Zero }, clock, NullLogger.Instance);
        SearchTicket ticket = Tickets.Greedy([1, 2], 50) with { Deadline = clock.GetUtcNow().AddMinutes(1) };
        SearchTicket late = Tickets.Greedy([1, 2], 50) with { Deadline = clock.GetUtcNow().AddMinutes(-1) };
        Task<SearchOutcome> running = engine.RunAsync(ticket);
        await gate.Reached;

        clock.Advance(TimeSpan.FromMinutes(2));
        Task<SearchOutcome> never = engine.RunAsync(late);
        gate.Open();

        FinishedHypothesis found = (await running).Hypotheses.ShouldHaveSingleItem();
        found.Reason.ShouldBe(FinishReason.Deadline);
        found.Ids.ShouldBe(Oracle.Run(ticket, model)[0].Ids[..found.Ids.Length]);
        (await never).Error!.Code.ShouldBe(BeamlineErrorCode.DeadlineExceeded);
    }

    [Fact]
    public async Task HungPass_IsReportedAndItsSearchesMove()
    {
        Gate gate = new(afterPasses: 3);
        ManualClock clock = new();
        using InferenceEngine engine = new(new HashModel(gate.Pass).ToEngineModel(), new(), clock, NullLogger.Instance);
        SearchTicket ticket = Tickets.Greedy([1, 2], 50);
        engine.Submit(ticket).ShouldBeNull();
        await gate.Reached;
        engine.CheckHang().ShouldBeFalse();

        clock.Advance(TimeSpan.FromMinutes(2));
        engine.CheckHang().ShouldBeTrue();

        SearchReading reading = await engine.ReadAsync(ticket.Id, 0, Cancel);
        reading.Outcome!.Retryable.ShouldBeTrue();
        engine.State.ShouldBe(EngineState.Hanging);
        gate.Open();
        await engine.ShouldShowAsync(load =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return load.Counters.Recoveries == 1;       // the pass came back
        });
        engine.State.ShouldBe(EngineState.Running);
    }

    [Fact]
    public async Task Drain_EndsEverythingAsRetryableAndTakesNothingNew()
    {
        Gate gate = new(afterPasses: 3);
        using InferenceEngine engine = Open(new(gate.Pass), options => options.Rows = 1);
        Task<SearchOutcome>[] searches = [engine.RunAsync(Tickets.Greedy([1, 2], 50)), engine.RunAsync(Tickets.Greedy([1, 2], 50))];
        await gate.Reached;

        engine.Drain();
        gate.Open();

        foreach (SearchOutcome outcome in await Task.WhenAll(searches)) outcome.Retryable.ShouldBeTrue();
        engine.Submit(Tickets.Greedy([1, 2], 5))!.Code.ShouldBe(BeamlineErrorCode.NoWorker);
    }

    [Fact]
    public async Task SubmittedTwice_RunsOnce()
    {
        using InferenceEngine engine = Open(new());
        SearchTicket ticket = Tickets.Greedy([1, 2], 7);
        engine.Submit(ticket).ShouldBeNull();
        engine.Submit(ticket).ShouldBeNull();

        await engine.ReadToEndAsync(ticket.Id);

        await engine.ShouldShowAsync(load => load.FreeRows == engine.Rows && load.Counters.GeneratedTokens == 7);
    }

    [Fact]
    public async Task ReadAgainFromAnyPosition_SameEvents()
    {
        using InferenceEngine engine = Open(new());
        SearchTicket ticket = Tickets.Of([1, 2, 3], new() { MaxNewTokens = 90, NumBeams = 4 });
        engine.Submit(ticket).ShouldBeNull();
        (List<SearchEvent> events, _) = await engine.ReadToEndAsync(ticket.Id);
        events.Count.ShouldBeGreaterThan(300, "several chunks are crossed");

        for (int from = 0; from <= events.Count; from += 13)
        {
            (await engine.ReadAsync(ticket.Id, from, Cancel)).Events.ShouldBe(events[from..]);
        }
        engine.Forget(ticket.Id);
        (await Should.ThrowAsync<BeamlineException>(async () => await engine.ReadAsync(ticket.Id, 0, Cancel)))
            .Error.Code.ShouldBe(BeamlineErrorCode.RequestNotFound);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task ResumedFromAnyStep_SameResult(int seed)
    {
        HashModel model = new();
        Random random = new(seed);
        using InferenceEngine engine = Open(model);
        for (int i = 0; i < 30; i++)
        {
            SearchTicket ticket = Tickets.Random(random);
            ImmutableArray<FinishedHypothesis> expected = Oracle.Run(ticket, model);
            SearchState state = Oracle.StateAt(ticket, model, random.Next(1, 20));
            (await engine.RunAsync(ticket with { Id = new(new($"resumed-{seed}-{i}"), 0, 0), Resume = state })).ShouldBeSameAs(expected);
        }
    }

    private static InferenceEngine Open(HashModel model, Action<EngineOptions>? change = null)
    {
        EngineOptions options = new() { StreamInterval = TimeSpan.Zero };
        change?.Invoke(options);
        return new(model.ToEngineModel(), options, TimeProvider.System, NullLogger.Instance);
    }
}
