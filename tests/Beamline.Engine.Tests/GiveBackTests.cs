using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Configuration;
using Beamline.Engine.Prefixes;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests;

/// <summary>Searches that wait go where rows are free.</summary>
public sealed class GiveBackTests
{
    private readonly Gate _gate = new(afterPasses: 3);

    [Fact]
    public async Task WaitingSearches_AreGivenBackFromTheFront_AsManyRowsAsOthersHave()
    {
        using InferenceEngine engine = Open();
        Task<SearchOutcome> running = engine.RunAsync(Tickets.Of([1, 2], new() { MaxNewTokens = 20, NumBeams = 4 }));
        await _gate.Reached;
        SearchTicket wide = Tickets.Of([1, 2], new() { MaxNewTokens = 5, NumBeams = 4 });
        SearchTicket[] narrow = [.. Enumerable.Range(0, 3).Select(_ => Tickets.Greedy([1, 2], 5))];
        Task<SearchOutcome> tooWide = engine.RunAsync(wide);
        Task<SearchOutcome>[] waiting = [.. narrow.Select(engine.RunAsync)];

        engine.GiveBack(rows: 2, widest: 2);
        _gate.Open();

        foreach (Task<SearchOutcome> given in waiting[..2])
        {
            SearchOutcome outcome = await given;
            outcome.Retryable.ShouldBeTrue();
            outcome.Error!.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        }
        foreach (Task<SearchOutcome> kept in (Task<SearchOutcome>[])[running, tooWide, waiting[2]]) (await kept).Error.ShouldBeNull();
    }

    [Fact]
    public async Task SearchThatGoesOnFromARecordedStep_IsGivenBackToo_SinceItHasNotBegunHere()
    {
        using InferenceEngine engine = Open();
        Task<SearchOutcome> running = engine.RunAsync(Tickets.Of([1, 2], new() { MaxNewTokens = 20, NumBeams = 4 }));
        await _gate.Reached;
        SearchTicket moved = Tickets.Greedy([1, 2], 9);
        Task<SearchOutcome> waiting = engine.RunAsync(moved with { Resume = Oracle.StateAt(moved, new(), 3) });

        engine.GiveBack(rows: 4, widest: 4);
        _gate.Open();

        (await waiting).Error!.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        (await running).Error.ShouldBeNull();
    }

    [Fact]
    public async Task SearchThatMayNotWait_IsTakenOnlyWhereRowsAreFree()
    {
        using InferenceEngine engine = Open();
        SearchTicket three = Tickets.Of([1, 2], new() { MaxNewTokens = 20, NumBeams = 3 });
        SearchTicket two = Tickets.Of([1, 2], new() { MaxNewTokens = 20, NumBeams = 2 });
        engine.Submit(three, mayWait: false).ShouldBeNull();
        engine.Submit(two, mayWait: false)!.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        engine.Submit(Tickets.Greedy([1, 2], 5), mayWait: false).ShouldBeNull();
        engine.Submit(Tickets.Greedy([1, 2], 5), mayWait: false)!.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        engine.Submit(Tickets.Greedy([1, 2], 5)).ShouldBeNull();
        await _gate.Reached;
        _gate.Open();
    }

    [Fact]
    public async Task CachedPrompts_AreAnnouncedByTheirBeginnings()
    {
        _gate.Open();
        using InferenceEngine engine = Open();
        int[] prompt = [.. Enumerable.Range(0, 70).Select(i => i % 30)];

        await engine.RunAsync(Tickets.Greedy([.. prompt], 5));

        ulong[] expected = [PrefixFingerprint.Of(prompt, 16), PrefixFingerprint.Of(prompt, 64)];
        while (!engine.Load.Prefixes.Order().SequenceEqual(expected.Order()))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private InferenceEngine Open()
    {
        EngineOptions options = new() { Rows = 4, StreamInterval = TimeSpan.Zero };
        return new(new HashModel(_gate.Pass).ToEngineModel(), options, TimeProvider.System, NullLogger.Instance);
    }
}
