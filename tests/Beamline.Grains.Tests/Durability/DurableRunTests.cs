using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Durability;
using Beamline.Grains.Tests.Clusters;
using Beamline.Grains.Tests.Doubles;

namespace Beamline.Grains.Tests.Durability;

/// <summary>Durable requests over storage that outlives the cluster, and that fails when it is told to.</summary>
public sealed class DurableRunTests
{
    private static readonly GenerationParameters Values =
        new() { MaxNewTokens = 400, EosTokenId = [], DoSample = true, Seed = 5, NumReturnSequences = 4 };

    private readonly SharedStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static GenerationRequest NewRequest() => Requests.Of(Values) with { Durable = true };

    private Task<TestCluster> StartAsync(params (string Name, string Value)[] settings) => TestCluster.StartAsync(
        1, _ => [("Durable:RestartInterval", "00:00:01"), ("Durable:StorageRetry", "00:00:00.1"), .. settings], _store);

    private static async Task<List<string>> ReadToEndAsync(TestCluster cluster, RequestId id, long from = 0)
    {
        List<string> updates = [];
        await foreach (GenerationUpdate update in cluster.Client.ReadAsync(id, from, Token)) updates.Add(Requests.Describe(update));
        return updates;
    }

    private static async Task<BeamlineError> RefusalAsync(Func<Task> call) => (await Should.ThrowAsync<BeamlineException>(call)).Error;

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TestCluster.Patience) throw new TimeoutException($"Not yet: {what}.");
            await again.WaitForNextTickAsync(Token);
        }
    }

    private Task RemovedAsync() =>
        UntilAsync(() => Task.FromResult(_store is { States: 0, Reminders: 0 }), "state and reminder are removed");

    [Fact]
    public async Task EverySiloLost_NewOnesComputeItAgain_WithoutAReader()
    {
        GenerationRequest request = NewRequest();
        List<string> undisturbed;
        await using (TestCluster calm = await StartAsync())
        {
            GenerationRequest same = request with { Id = RequestId.New(), Durable = false };
            await calm.Sequence(same.Id).StartAsync(same, Token);
            undisturbed = await ReadToEndAsync(calm, same.Id);
        }
        await using (TestCluster first = await StartAsync())
        {
            await first.Client.StartAsync(request, Token);
            await first.KillAsync("Silo_0");
        }
        (_store.States, _store.Reminders).ShouldBe((1, 1));

        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.BeforeWrite = state =>
        {
            if (state is StoredState { Ended: not null }) ended.TrySetResult();
        };
        await using (TestCluster second = await StartAsync())
        {
            await ended.Task.WaitAsync(TestCluster.Patience, Token);        // the reminder did it: nobody has asked
            (await ReadToEndAsync(second, request.Id)).ShouldBe(undisturbed);
            second.Events.Said.ShouldContain(line => line.Contains($"{request.Id} starts again, the 1. time"));
        }

        await using TestCluster third = await StartAsync();
        (await ReadToEndAsync(third, request.Id, from: 7)).ShouldBe(undisturbed[7..]);
        RunSnapshot snapshot = await third.Client.GetSnapshotAsync(request.Id, Token);
        (snapshot.State, snapshot.NextPosition, snapshot.GeneratedTokens).ShouldBe((RunState.Completed, undisturbed.Count, 1600));
        (await third.Client.GenerateAsync(request, Token)).Hypotheses.Length.ShouldBe(4);
        third.Events.Said.ShouldNotContain(line => line.Contains("starts again"));
        foreach (GenerationRequest other in new[] { request with { User = "another" }, request with { Durable = false } })
        {
            (await RefusalAsync(() => third.Client.StartAsync(other, Token))).Code.ShouldBe(BeamlineErrorCode.Conflict);
        }
    }

    [Fact]
    public async Task EverySiloLost_AReaderStartsItAtOnce()
    {
        GenerationRequest request = NewRequest();
        await using (TestCluster first = await StartAsync(("Durable:RestartInterval", "01:00:00")))
        {
            await first.Client.StartAsync(request, Token);
            await first.KillAsync("Silo_0");
        }
        await using TestCluster second = await StartAsync(("Durable:RestartInterval", "01:00:00"));
        (await second.Client.GetSnapshotAsync(request.Id, Token)).State.ShouldBe(RunState.Running);
        (await ReadToEndAsync(second, request.Id)).Count.ShouldBe(1605);     // a token each, four ends, one for all
    }

    [Fact]
    public async Task AnOutcomeWhoseTimeIsOver_IsRemovedWithItsReminder()
    {
        await using TestCluster cluster = await StartAsync(("Durable:KeepFinished", "00:00:01"));
        GenerationRequest request = NewRequest();
        await cluster.Client.GenerateAsync(request, Token);
        await RemovedAsync();
        await UntilAsync(
            async () => (await cluster.Client.GetSnapshotAsync(request.Id, Token)).State == RunState.Unknown, "the run is forgotten");
        (await RefusalAsync(() => ReadToEndAsync(cluster, request.Id))).Code.ShouldBe(BeamlineErrorCode.RequestNotFound);
    }

    [Fact]
    public async Task WhatCannotBeRead_IsKeptForAsLongAsARunThatDoesNotStart_ThenRemoved()
    {
        GenerationRequest request = NewRequest();
        _store.BeforeWrite = state => ((StoredState)state).Request = [7];
        await using (TestCluster first = await StartAsync())
        {
            await first.Client.StartAsync(request, Token);
            await first.KillAsync("Silo_0");
        }
        await using (TestCluster second = await StartAsync(("Durable:RestartInterval", "01:00:00")))
        {
            (await RefusalAsync(() => ReadToEndAsync(second, request.Id))).Code.ShouldBe(BeamlineErrorCode.Storage);
            _store.States.ShouldBe(1);
        }
        await using TestCluster third = await StartAsync(("Durable:KeepUnfinished", "00:00:01"), ("Durable:KeepFinished", "00:00:01"));
        await RemovedAsync();
    }

    [Fact]
    public async Task ALeavingReader_ChangesNothing_AndCancelIsStored()
    {
        GenerationRequest request = NewRequest();
        await using (TestCluster cluster = await StartAsync(("Sequences:UnreadLimit", "00:00:01")))
        {
            await foreach (GenerationUpdate _ in cluster.Client.StreamAsync(request, cancellationToken: Token)) break;
            (await ReadToEndAsync(cluster, request.Id)).Count.ShouldBe(1605);
        }
        GenerationRequest other = NewRequest();
        await using (TestCluster first = await StartAsync())
        {
            await first.Client.StartAsync(other, Token);
            await first.KillAsync("Silo_0");
        }
        await using (TestCluster second = await StartAsync(("Durable:RestartInterval", "01:00:00"), ("Workers:Enabled", "false")))
        {
            await second.Client.CancelAsync(other.Id, Token);       // though it does not run
        }
        await using TestCluster third = await StartAsync();
        (await third.Client.GetSnapshotAsync(other.Id, Token)).Error!.Code.ShouldBe(BeamlineErrorCode.Cancelled);
        (await RefusalAsync(() => third.Client.GenerateAsync(other, Token))).Code.ShouldBe(BeamlineErrorCode.Cancelled);
    }

    [Fact]
    public async Task ACancelThatComesWhileTheRequestIsStored_IsNotLost()
    {
        await using TestCluster cluster = await StartAsync(("Durable:StorageWait", "00:00:20"));
        GenerationRequest request = NewRequest();
        TaskCompletionSource writing = new(TaskCreationOptions.RunContinuationsAsynchronously), gate = new();
        (_store.BeforeWrite, _store.Gate) = (_ => writing.TrySetResult(), gate.Task);
        Task<RunSnapshot> start = cluster.Client.StartAsync(request, Token);
        await writing.Task.WaitAsync(Token);

        await cluster.Client.CancelAsync(request.Id, Token);
        gate.SetResult();

        (await start).Error!.Code.ShouldBe(BeamlineErrorCode.Cancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StorageAway_RefusesDurableStarts_AndNoOthers(bool hangs)
    {
        await using TestCluster cluster = await StartAsync(("Durable:StorageWait", "00:00:00.2"));
        (_store.IsAway, _store.Hangs) = (!hangs, hangs);
        GenerationRequest request = NewRequest();
        BeamlineError error = await RefusalAsync(() => cluster.Client.StartAsync(request, Token));
        error.Code.ShouldBe(BeamlineErrorCode.Storage);
        error.RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(100));
        (await cluster.Client.GenerateAsync(Requests.Of(Requests.Sampled), Token)).Hypotheses.ShouldHaveSingleItem();
        await cluster.ShouldShowAsync("Silo_0", worker => worker is { FreeRows: 16, QueuedSearches: 0 });

        (_store.IsAway, _store.Hangs) = (false, false);
        await UntilAsync(
            async () =>
            {
                try
                {
                    await cluster.Client.GenerateAsync(request, Token);
                    return true;
                }
                catch (BeamlineException e) when (e.Error.Code == BeamlineErrorCode.Storage)
                {
                    return false;       // it is left alone for a moment after it has failed
                }
            },
            "the same request is taken");
    }

    [Fact]
    public async Task StorageLostMeanwhile_TheRunGoesOn_AndTheOutcomeIsStoredLater()
    {
        GenerationRequest request = NewRequest();
        await using (TestCluster cluster = await StartAsync())
        {
            await cluster.Client.StartAsync(request, Token);
            _store.IsAway = true;
            (await cluster.Client.GenerateAsync(request, Token)).Hypotheses.Length.ShouldBe(4);
            await cluster.Events.WaitForAsync(request.Id.Value, "not stored yet");
            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _store.BeforeWrite = state =>
            {
                if (!_store.IsAway && state is StoredState { Ended: not null }) ended.TrySetResult();
            };
            _store.IsAway = false;
            await ended.Task.WaitAsync(TestCluster.Patience, Token);
        }
        await using TestCluster next = await StartAsync();
        (await next.Client.GetSnapshotAsync(request.Id, Token)).State.ShouldBe(RunState.Completed);
    }

    [Fact]
    public async Task TooManyRestarts_FailTheRequest_AndItStaysReadable()
    {
        GenerationRequest request = NewRequest();
        await using (TestCluster first = await StartAsync())
        {
            await first.Client.StartAsync(request, Token);
            await first.KillAsync("Silo_0");
        }
        await using TestCluster second = await StartAsync(("Durable:MaxRestarts", "0"));
        List<string> updates = await ReadToEndAsync(second, request.Id);
        updates.ShouldHaveSingleItem().ShouldContain("lost 1 time with");
        (await second.Client.GetSnapshotAsync(request.Id, Token)).Error!.Code.ShouldBe(BeamlineErrorCode.WorkerLost);
    }

    [Fact]
    public async Task NoWorkerAfterTheLoss_IsWaitedFor_AndOnlyForSoLong()
    {
        GenerationRequest request = NewRequest();
        await using (TestCluster first = await StartAsync())
        {
            await first.Client.StartAsync(request, Token);
            await first.KillAsync("Silo_0");
        }
        await using (TestCluster without = await StartAsync(("Workers:Enabled", "false"), ("Sequences:WorkerWait", "00:00:00.2")))
        {
            await without.Events.WaitForAsync("has to wait", "No worker");
            (await without.Client.GetSnapshotAsync(request.Id, Token)).State.ShouldBe(RunState.Running);
        }
        await using (TestCluster over = await StartAsync(
            ("Workers:Enabled", "false"), ("Sequences:WorkerWait", "00:00:00.2"), ("Durable:KeepUnfinished", "00:00:01")))
        {
            (await RefusalAsync(() => over.Client.GenerateAsync(request, Token))).Code.ShouldBe(BeamlineErrorCode.NoWorker);
        }
    }

    [Fact]
    public async Task MemoryOfTheSilo_ServesToo()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1, _ => []);
        GenerationRequest request = NewRequest();
        await cluster.Client.GenerateAsync(request, Token);     // in the silo's memory
        (await cluster.Client.GetSnapshotAsync(request.Id, Token)).State.ShouldBe(RunState.Completed);
    }
}
