using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Configuration;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests;

/// <summary>An engine that is closed takes nothing new and ends what it has.</summary>
public sealed class ClosingTests
{
    private readonly Gate _gate = new(afterPasses: 3);

    [Fact]
    public async Task ClosedEngine_RunsItsSearchesToTheirEnd_AlsoThoseThatWait()
    {
        using InferenceEngine engine = Open();
        SearchTicket first = Tickets.Of([1, 2], new() { MaxNewTokens = 20, NumBeams = 4 }), second = Tickets.Greedy([1, 2], 5);
        Task<SearchOutcome> running = engine.RunAsync(first);
        await _gate.Reached;
        Task<SearchOutcome> waiting = engine.RunAsync(second);

        engine.Close();
        engine.Submit(Tickets.Greedy([1, 2], 5))!.Code.ShouldBe(BeamlineErrorCode.NoWorker);
        engine.Submit(first).ShouldBeNull();        // offered again: it is here
        _gate.Open();

        (await running).Error.ShouldBeNull();
        (await waiting).Error.ShouldBeNull();
        engine.IsEmpty.ShouldBeFalse();             // read to the end, but not forgotten: it may be read again
        engine.Forget(first.Id);
        engine.Forget(second.Id);
        engine.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task DisposedEngine_HasEndedEverySearch()
    {
        InferenceEngine engine = Open();
        Task<SearchOutcome> running = engine.RunAsync(Tickets.Greedy([1, 2], 20));
        await _gate.Reached;
        _gate.Open();
        engine.Dispose();
        engine.Dispose();
        SearchOutcome outcome = await running;
        (outcome.Error is null || outcome.Retryable).ShouldBeTrue();
        engine.Submit(Tickets.Greedy([1, 2], 5))!.Code.ShouldBe(BeamlineErrorCode.NoWorker);
    }

    private InferenceEngine Open()
    {
        EngineOptions options = new() { Rows = 4, StreamInterval = TimeSpan.Zero };
        return new(new HashModel(_gate.Pass).ToEngineModel(), options, TimeProvider.System, NullLogger.Instance);
    }
}
