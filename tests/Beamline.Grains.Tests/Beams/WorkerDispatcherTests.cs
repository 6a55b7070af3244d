using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Beams;
using Beamline.Grains.Directory;
using Beamline.Grains.Sequences;
using Beamline.Grains.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Beamline.Grains.Tests.Beams;

public sealed class WorkerDispatcherTests
{
    private static readonly SearchTicket Ticket = Tickets.Plan(16, Tickets.Prompt(0, new() { MaxNewTokens = 5 }))[0];
    private static readonly WorkerDescription A = Announcements.Idle("a"), B = Announcements.Idle("b") with { FreeRows = 1 };
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private readonly FakeCluster _cluster = new();
    private readonly ServedModels _served;
    private readonly WorkerDispatcher _dispatcher;

    public WorkerDispatcherTests()
    {
        WorkerDirectoryCache directory = new(_cluster.Grains, _time, NullLogger<WorkerDirectoryCache>.Instance);
        IOptions<SequenceOptions> options = Options.Create(new SequenceOptions { WorkerWait = TimeSpan.FromSeconds(5) });
        _served = new(directory, options.Value.StartWait, _time);
        _dispatcher = new(directory, _served, _cluster.Grains, new FakeSilo("here"), options, _time, NullLogger<WorkerDispatcher>.Instance);
    }

    private static SubmitAnswer Accepted => new(1, null);

    private static SubmitAnswer Refused(BeamlineErrorCode code, double? seconds = null) =>
        new(1, BeamlineError.Of(code, "no", seconds is { } wait ? TimeSpan.FromSeconds(wait) : null));

    private FakeWorker Announce(WorkerDescription worker, params ReadOnlySpan<SubmitAnswer> answers)
    {
        FakeWorker grain = _cluster.Announce(worker);
        foreach (SubmitAnswer answer in answers) grain.Answers.Enqueue(_ => answer);
        return grain;
    }

    private Task<Assignment> AssignAsync(Assignment? lost = null) =>
        _dispatcher.AssignAsync(Ticket, lost, TestContext.Current.CancellationToken);

    /// <summary>Moves the clock until a call that waits has come back.</summary>
    private async Task<T> InTimeAsync<T>(Task<T> call)
    {
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        return await call;
    }

    [Fact]
    public async Task OfEqualWorkers_TheOwnSilosIsAsked()
    {
        for (int i = 0; i < 5; i++) Announce(Announcements.Idle($"away{i}"));
        Announce(Announcements.Idle("here"), Accepted);
        (await AssignAsync()).Worker.Host.ShouldBe("here");
    }

    [Fact]
    public async Task ModelUnloadedSinceItWasFound_IsRefusedAsOneThatNeverWas()
    {
        FakeWorker worker = Announce(A, Refused(BeamlineErrorCode.ModelNotFound));
        await _served.FindAsync("tales", TestContext.Current.CancellationToken);
        worker.Answers.Clear();
        worker.Answers.Enqueue(_ =>
        {
            Announce(A with { Models = [Announcements.Model("other")] });
            return Refused(BeamlineErrorCode.ModelNotFound);
        });

        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(() => AssignAsync())).Error;

        error.ShouldBe(BeamlineError.Of(BeamlineErrorCode.ModelNotFound, "There is no model 'tales'; served: other.") with
        {
            Faults = error.Faults,
        });
    }

    [Fact]
    public async Task ModelUnloadedFromOneWorker_GoesToAnother()
    {
        Announce(A, Refused(BeamlineErrorCode.ModelNotFound));
        Announce(B, Accepted);
        (await AssignAsync()).Worker.ShouldBe(B.Id);
    }

    [Fact]
    public async Task BestWorker_GetsTheSearch()
    {
        Announce(A, Accepted);
        FakeWorker second = Announce(B, Accepted);
        (await AssignAsync()).ShouldBe(new(A.Id, 1, "avx"));
        second.Offers.ShouldBe(0);
    }

    [Fact]
    public async Task WorkerThatRefusesOrCannotBeReached_TheNextGetsIt()
    {
        Announce(A, Refused(BeamlineErrorCode.Overloaded, 3));
        _cluster.Announce(A with { Id = new("aa", "cpu:0") }).Answers.Enqueue(_ => throw new TimeoutException("gone"));
        Announce(B, Accepted);
        (await AssignAsync()).Worker.ShouldBe(B.Id);
    }

    [Fact]
    public async Task EveryQueueFull_OverloadedAtOnce_WithTheShortestWait()
    {
        Announce(A, Refused(BeamlineErrorCode.Overloaded, 7));
        Announce(B, Refused(BeamlineErrorCode.Overloaded, 2));
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(() => AssignAsync())).Error;
        error.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task SearchThatMoves_WaitsWhileEveryQueueIsFull()
    {
        Announce(A, Refused(BeamlineErrorCode.Overloaded, 7), Refused(BeamlineErrorCode.Overloaded, 7), Accepted);
        (await InTimeAsync(AssignAsync(new(B.Id, 1, "avx")))).Worker.ShouldBe(A.Id);
    }

    [Fact]
    public async Task SearchThatMoves_DoesNotGoBackToWhereItWasLost()
    {
        FakeWorker lost = Announce(A, Accepted);
        Announce(B, Accepted);
        (await AssignAsync(new(A.Id, 1, "avx"))).Worker.ShouldBe(B.Id);
        lost.Offers.ShouldBe(0);
    }

    [Fact]
    public async Task SearchThatMoves_GoesBackToAWorkerThatStartedAgain()
    {
        Announce(A with { Epoch = 2 }, new SubmitAnswer(2, null));
        Announce(B, Accepted);
        (await AssignAsync(new(A.Id, 1, "avx"))).ShouldBe(new(A.Id, 2, "avx"));
    }

    [Fact]
    public async Task OnlyFitWorkerLostIt_ItGoesThereAgain()
    {
        Announce(A, Accepted);
        Announce(B with { Models = [Announcements.Model("other")] }, Accepted);
        (await AssignAsync(new(A.Id, 1, "avx"))).Worker.ShouldBe(A.Id);
    }

    [Fact]
    public async Task NoWorker_IsWaitedFor_AndTakesTheSearchWhenItAppears()
    {
        Task<Assignment> waiting = AssignAsync();
        waiting.IsCompleted.ShouldBeFalse();
        Announce(A, Accepted);
        (await InTimeAsync(waiting)).Worker.ShouldBe(A.Id);
    }

    [Fact]
    public async Task NoWorker_ABoundedTime()
    {
        Task<Assignment> waiting = AssignAsync();
        (await Should.ThrowAsync<BeamlineException>(() => InTimeAsync(waiting))).Error.Code.ShouldBe(BeamlineErrorCode.NoWorker);
    }

    [Fact]
    public async Task OfferBrokenOff_IsTakenBack()
    {
        using CancellationTokenSource leaving = new();
        FakeWorker worker = _cluster.Announce(A);
        worker.Answers.Enqueue(token =>
        {
            leaving.Cancel();
            token.ThrowIfCancellationRequested();
            return Accepted;
        });
        await Should.ThrowAsync<OperationCanceledException>(() => _dispatcher.AssignAsync(Ticket, null, leaving.Token));
        worker.Forgotten.ShouldBe([Ticket.Id]);
    }
}
