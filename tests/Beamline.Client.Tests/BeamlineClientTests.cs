using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Abstractions.Workers;
using Beamline.Client.Resilience;
using Beamline.Client.Tests.Fakes;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Beamline.Client.Tests;

public sealed class BeamlineClientTests
{
    private static readonly BeamlineClientOptions Options = new()
    {
        MaxRetries = 4,
        FirstRetryDelay = TimeSpan.Zero,
        MaxRetryDelay = TimeSpan.Zero,
        CancelTime = TimeSpan.FromSeconds(30),
    };

    private static readonly Func<Exception>[] Losses =
    [
        () => new SiloUnavailableException("dead"),
        () => new GatewayTooBusyException("busy"),
        () => new ConnectionFailedException("no connection"),
        () => new TimeoutException("no answer"),
        () => new OperationCanceledException("stopping"),
        () => new BeamlineException(BeamlineErrorCode.RequestNotFound, "No such run."),
        () => new BeamlineException(BeamlineErrorCode.Storage, "Who knows."),
    ];

    public static TheoryData<int, int> Faults()
    {
        TheoryData<int, int> cases = [];
        for (int call = 0; call <= Stories.Whole.Length; call++)
        {
            // The first call starts the run; that no such run exists, or that nobody knows, is an answer to a read only.
            for (int loss = 0; loss < Losses.Length - (call == 0 ? 2 : 0); loss++) cases.Add(call, loss);
        }
        return cases;
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(100, false)]
    [InlineData(2, true)]
    public async Task StreamAsync_Undisturbed_GivesTheStory(int readingSize, bool empty)
    {
        FakeSequence sequence = new(Stories.Whole) { ReadingSize = readingSize, WithEmptyReadings = empty };
        (await ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))).ShouldBe(Stories.Whole);
        (sequence.Starts, sequence.StartsAgain).ShouldBe((1, 0));
        sequence.Cancels.ShouldBe(0);
    }

    [Fact]
    public async Task StreamAsync_SiloLostWhileACallIsUnderWay_CallsAgain()
    {
        FakeSequence sequence = new(Stories.Whole) { ReadingSize = 1, HangsAt = 2, HangsOnce = true };
        FakeCluster cluster = new();
        cluster.Add(Stories.Request.Id.Value, sequence);
        LossSignal losses = new();
        Task<ImmutableArray<GenerationUpdate>> reading = ReadAllAsync(
            new BeamlineClient(cluster, Options, losses: losses).StreamAsync(Stories.Request, cancellationToken: Token));
        await sequence.Waiting.Task.WaitAsync(Token);
        reading.IsCompleted.ShouldBeFalse();
        losses.Raise();
        (await reading).ShouldBe(Stories.Whole);
        (sequence.Starts, sequence.StartsAgain).ShouldBe((2, 1), "the run may have been on the silo that was lost");
        sequence.Cancels.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task StreamAsync_AnyCallLost_GivesTheSameStory(int call, int loss)
    {
        FakeSequence sequence = new FakeSequence(Stories.Whole) { ReadingSize = 1 }.FailAt(call, Losses[loss]());
        (await ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))).ShouldBe(Stories.Whole);
        sequence.Starts.ShouldBe(call == 0 ? 1 : 2);
    }

    [Fact]
    public async Task StreamAsync_EveryReadLostOnce_ProgressRefillsTheBudget()
    {
        FakeSequence sequence = new(Stories.Whole) { ReadingSize = 1 };
        for (int call = 1; call < 40; call += 3) sequence.FailAt(call, new SiloUnavailableException("dead"));
        (await ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))).ShouldBe(Stories.Whole);
        sequence.Starts.ShouldBeGreaterThan(Options.MaxRetries);
    }

    [Fact]
    public async Task StreamAsync_ClusterStaysLost_GivesUpWithWorkerLost()
    {
        FakeSequence sequence = new(Stories.Whole);
        for (int call = 2; call < 100; call++) sequence.FailAt(call, new SiloUnavailableException("dead"));
        List<GenerationUpdate> seen = [];
        BeamlineException failure = await Should.ThrowAsync<BeamlineException>(async () =>
        {
            IAsyncEnumerable<GenerationUpdate> updates = ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token);
            await foreach (GenerationUpdate update in updates) seen.Add(update);
        });
        failure.Error.Code.ShouldBe(BeamlineErrorCode.WorkerLost);
        failure.InnerException.ShouldBeOfType<SiloUnavailableException>();
        seen.ShouldBe(Stories.Whole[..2]);
        sequence.Calls.ShouldBe(2 + 1 + Options.MaxRetries);
    }

    [Fact]
    public async Task StreamAsync_RestartFindsNoRoom_TriesAgain()
    {
        FakeSequence sequence = new FakeSequence(Stories.Whole) { ReadingSize = 1 }
            .FailAt(3, new SiloUnavailableException("dead"))
            .FailAt(4, new BeamlineException(BeamlineErrorCode.NoWorker, "No worker."))
            .FailAt(5, new BeamlineException(BeamlineError.Of(BeamlineErrorCode.Overloaded, "Full.", TimeSpan.Zero)))
            .FailAt(6, new BeamlineException(BeamlineErrorCode.Storage, "Away."));
        (await ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))).ShouldBe(Stories.Whole);
    }

    [Fact]
    public async Task StreamAsync_FirstStartRefused_SaysSoAtOnce()
    {
        foreach (string word in new[] { "invalid_request", "model_not_found", "overloaded", "no_worker", "conflict", "storage" })
        {
            BeamlineErrorCode code = new(word);
            FakeSequence sequence = new FakeSequence(Stories.Whole).FailAt(0, new BeamlineException(code, "Refused."));
            BeamlineException failure = await Should.ThrowAsync<BeamlineException>(
                () => ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token)));
            failure.Error.Code.ShouldBe(code);
            sequence.Calls.ShouldBe(1);
            sequence.Cancels.ShouldBe(0);
        }
    }

    [Fact]
    public async Task StartAsync_LeavesTheRunToItself_AndStartsWhatIsLostAtOnce()
    {
        FakeSequence sequence = new FakeSequence(Stories.Whole).FailAt(1, new SiloUnavailableException("dead"));
        (await ClientOf(sequence).StartAsync(Stories.Request, Token)).State.ShouldBe(RunState.Running);
        (sequence.Starts, sequence.Cancels).ShouldBe((2, 0));

        FakeSequence refused = new FakeSequence(Stories.Whole).FailAt(0, new BeamlineException(BeamlineErrorCode.Storage, "Away."));
        (await Should.ThrowAsync<BeamlineException>(() => ClientOf(refused).StartAsync(Stories.Request, Token)))
            .Error.Code.ShouldBe(BeamlineErrorCode.Storage);
        refused.Calls.ShouldBe(1);
    }

    [Fact]
    public async Task StreamAsync_UnforeseenException_ComesOutTyped()
    {
        FakeSequence sequence = new FakeSequence(Stories.Whole).FailAt(1, new InvalidOperationException("a bug"));
        BeamlineException failure = await Should.ThrowAsync<BeamlineException>(
            () => ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token)));
        failure.Error.Code.ShouldBe(BeamlineErrorCode.Internal);
        failure.InnerException.ShouldBeOfType<InvalidOperationException>();
    }

    [Fact]
    public async Task StreamAsync_RunFails_LastUpdateSaysWhy()
    {
        FakeSequence sequence = new(Stories.Broken);
        (await ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))).ShouldBe(Stories.Broken);
        sequence.Cancels.ShouldBe(0);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task StreamAsync_TokenCancelled_CancelsTheRunUnlessDurable(bool durable, int cancels)
    {
        FakeSequence sequence = new(Stories.Whole) { HangsAt = 2 };
        using CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        List<GenerationUpdate> seen = [];
        Task reading = Task.Run(async () =>
        {
            await foreach (GenerationUpdate update in ClientOf(sequence).StreamAsync(
                Stories.Request with { Durable = durable }, cancellationToken: source.Token)) seen.Add(update);
        }, Token);
        await sequence.Waiting.Task.WaitAsync(Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => reading);
        sequence.Cancels.ShouldBe(cancels);
        seen.ShouldBe(Stories.Whole[..2]);
    }

    [Fact]
    public async Task StreamAsync_ReaderLeavesEarly_CancelsTheRun()
    {
        FakeSequence sequence = new(Stories.Whole) { CancelFailure = new SiloUnavailableException("dead") };
        await foreach (GenerationUpdate update in ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))
        {
            if (update.Position == 1) break;
        }
        sequence.Cancels.ShouldBe(1);
    }

    [Fact]
    public async Task StreamAsync_ReaderLeavesAtTheLastUpdate_CancelsNothing()
    {
        FakeSequence sequence = new(Stories.Whole);
        await foreach (GenerationUpdate update in ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))
        {
            if (update is Completed) break;
        }
        sequence.Cancels.ShouldBe(0);
    }

    [Fact]
    public async Task StreamAsync_FromAPosition_GivesTheRest()
    {
        for (int from = 0; from < Stories.Whole.Length; from++)
        {
            ImmutableArray<GenerationUpdate> rest = await ReadAllAsync(
                ClientOf(new(Stories.Whole)).StreamAsync(Stories.Request, from, Token));
            rest.ShouldBe(Stories.Whole[from..]);
        }
    }

    [Fact]
    public async Task StreamAsync_AnUpdateIsMissing_SaysWhich()
    {
        FakeSequence sequence = new(Stories.Whole.RemoveAt(2)) { ReadingSize = 100 };
        BeamlineException failure = await Should.ThrowAsync<BeamlineException>(
            () => ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token)));
        failure.Error.Code.ShouldBe(BeamlineErrorCode.Internal);
        failure.Message.ShouldContain("Update 2 is missing");
    }

    [Fact]
    public async Task StreamAsync_AnUpdateComesTwice_IsSeenOnce()
    {
        FakeSequence sequence = new(Stories.Whole.Insert(2, Stories.Whole[1])) { ReadingSize = 100 };
        (await ReadAllAsync(ClientOf(sequence).StreamAsync(Stories.Request, cancellationToken: Token))).ShouldBe(Stories.Whole);
    }

    [Fact]
    public async Task StreamAsync_IdIsMalformed_IsTheCallersFault()
    {
        BeamlineException failure = await Should.ThrowAsync<BeamlineException>(
            () => ReadAllAsync(ClientOf(new(Stories.Whole)).StreamAsync(Stories.Request with { Id = new("a/b") })));
        failure.Error.Code.ShouldBe(BeamlineErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task ReadAsync_UnknownRun_SaysSo()
    {
        BeamlineException failure = await Should.ThrowAsync<BeamlineException>(
            () => ReadAllAsync(ClientOf(new(Stories.Whole)).ReadAsync(Stories.Request.Id, cancellationToken: Token)));
        failure.Error.Code.ShouldBe(BeamlineErrorCode.RequestNotFound);
    }

    [Fact]
    public async Task ReadAsync_SecondReader_SeesTheSameAndCancelsNothing()
    {
        FakeSequence sequence = new(Stories.Whole);
        BeamlineClient client = ClientOf(sequence);
        await ReadAllAsync(client.StreamAsync(Stories.Request, cancellationToken: Token));
        (await ReadAllAsync(client.ReadAsync(Stories.Request.Id, from: 3, Token))).ShouldBe(Stories.Whole[3..]);
        await foreach (GenerationUpdate _ in client.ReadAsync(Stories.Request.Id, cancellationToken: Token)) break;
        sequence.Cancels.ShouldBe(0);
    }

    [Fact]
    public async Task GenerateAsync_AnyCallLost_GivesTheResult()
    {
        for (int call = 0; call < 5; call++)
        {
            FakeSequence sequence = new(Stories.Whole) { WithEmptyReadings = true };
            sequence.FailAt(call, new SiloUnavailableException("dead"));
            (await ClientOf(sequence).GenerateAsync(Stories.Request, Token)).ShouldBe(Stories.Result);
        }
    }

    [Fact]
    public async Task GenerateAsync_RunFails_Throws()
    {
        BeamlineException failure = await Should.ThrowAsync<BeamlineException>(
            () => ClientOf(new(Stories.Broken)).GenerateAsync(Stories.Request, Token));
        failure.Error.Code.ShouldBe(BeamlineErrorCode.WorkerLost);
    }

    [Fact]
    public async Task GenerateAsync_TokenCancelled_CancelsTheRun()
    {
        FakeSequence sequence = new(Stories.Whole);
        await Should.ThrowAsync<OperationCanceledException>(() => ClientOf(sequence).GenerateAsync(Stories.Request, new(canceled: true)));
        sequence.Cancels.ShouldBe(1);
    }

    [Fact]
    public async Task GetSnapshotAsync_CallLost_AsksAgain()
    {
        FakeSequence sequence = new FakeSequence(Stories.Whole).FailAt(0, new TimeoutException());
        (await ClientOf(sequence).GetSnapshotAsync(Stories.Request.Id, Token)).State.ShouldBe(RunState.Unknown);
        sequence.Calls.ShouldBe(2);
    }

    [Fact]
    public async Task CancelAsync_KnownRun_ReachesIt()
    {
        FakeSequence sequence = new(Stories.Whole);
        await ClientOf(sequence).CancelAsync(Stories.Request.Id, Token);
        sequence.Cancels.ShouldBe(1);
    }

    [Fact]
    public async Task ListModelsAsync_SeveralWorkers_NamesEachModelOnceInOrder()
    {
        FakeCluster cluster = new();
        cluster.Directory.Failures.Enqueue(new SiloUnavailableException("dead"));
        cluster.Directory.Workers = [WorkerOf("b", "tales"), WorkerOf("a", "smol", "tales")];
        ImmutableArray<ModelDescription> models = await new BeamlineClient(cluster, Options).ListModelsAsync(Token);
        models.Select(model => model.Name).ShouldBe(["smol", "tales"]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static BeamlineClient ClientOf(FakeSequence sequence)
    {
        FakeCluster cluster = new();
        cluster.Add(Stories.Request.Id.Value, sequence);
        return new(cluster, Options);
    }

    private static WorkerDescription WorkerOf(string host, params string[] models) => new(
        new(host, "cpu:0"), 1, WorkerState.Ready,
        [.. models.Select(name => new ModelDescription(name, "gpt2", "fp32", 1, KvLayout.Uniform(1, 1, 8), 10, 16, 0, [0], "00"))],
        16, 16, 0, 0, 1, 0, 0, "test");

    private static async Task<ImmutableArray<GenerationUpdate>> ReadAllAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        ImmutableArray<GenerationUpdate>.Builder seen = ImmutableArray.CreateBuilder<GenerationUpdate>();
        await foreach (GenerationUpdate update in updates) seen.Add(update);
        return seen.ToImmutable();
    }
}
