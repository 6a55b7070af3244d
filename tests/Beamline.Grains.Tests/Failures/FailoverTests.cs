using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Failures;

/// <summary>Silos and activations go away in the middle of runs; every run ends with the updates of an undisturbed one.</summary>
public sealed class FailoverTests(UndisturbedRuns alone) : IClassFixture<UndisturbedRuns>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Three silos, of which those named have a worker.</summary>
    private static Task<TestCluster> StartAsync(params string[] workers) =>
        TestCluster.StartAsync(3, silo => [("Workers:Enabled", $"{workers.Contains(silo)}"), ("Workers:Engine:Threads", "1")]);

    [Fact]
    public async Task WorkerSiloKilled_SearchesGoOnElsewhere_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> disturbed = await DisturbedRuns.RunAsync(
            cluster, DisturbedRuns.NewRequests(), async () => await cluster.KillAsync(await cluster.BusierAsync("Silo_1", "Silo_2")));

        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        alone.ShouldHaveGiven(disturbed);
    }

    [Fact]
    public async Task SiloOfSequenceKilled_ClientReadsOn_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_0", "Silo_1", "Silo_2");
        ImmutableArray<GenerationRequest> requests = DisturbedRuns.NewRequests();
        ImmutableArray<List<GenerationUpdate>> disturbed = await DisturbedRuns.RunAsync(
            cluster, requests, () => cluster.KillAsync(cluster.SiloOf(cluster.Sequence(requests[1].Id))));

        alone.ShouldHaveGiven(disturbed);
    }

    [Fact]
    public async Task WorkerDrained_SearchesGoOnElsewhere_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> disturbed = await DisturbedRuns.RunAsync(
            cluster,
            DisturbedRuns.NewRequests(),
            async () => await cluster.Worker(await cluster.BusierAsync("Silo_1", "Silo_2")).DrainAsync(Token));

        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        alone.ShouldHaveGiven(disturbed);
    }

    [Fact]
    public async Task ActivationsLost_RunsStartAgain_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1");
        ImmutableArray<GenerationRequest> requests = DisturbedRuns.NewRequests();
        ImmutableArray<List<GenerationUpdate>> disturbed = await DisturbedRuns.RunAsync(cluster, requests, async () =>
        {
            await cluster.DeactivateAsync(cluster.Search(requests[0].Id));
            await cluster.DeactivateAsync(cluster.Sequence(requests[1].Id));
            await cluster.DeactivateAsync(cluster.Search(requests[2].Id));
        });

        alone.ShouldHaveGiven(disturbed);
        await cluster.ShouldShowAsync("Silo_1", worker => worker is { FreeRows: 16, QueuedSearches: 0, KvUsedBytes: 0 });
    }

    [Fact]
    public async Task RunWhoseReaderVanished_IsCancelled()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(
            1, _ => [("Sequences:UnreadLimit", "00:00:01"), ("Sequences:WorkerWait", "00:10:00")]);
        GenerationRequest request = Requests.Of(DisturbedRuns.Base with { DoSample = true, NumReturnSequences = 16, MaxNewTokens = 480 });
        await cluster.Sequence(request.Id).StartAsync(request, Token);
        await cluster.Worker("Silo_0").DrainAsync(Token);       // it waits for a worker now, so it does not end by itself

        await cluster.Events.WaitForAsync(request.Id.Value, "nobody read it");

        (await cluster.Sequence(request.Id).GetSnapshotAsync()).Error!.Code.ShouldBe(BeamlineErrorCode.Cancelled);
    }

    [Fact]
    public async Task NoWorker_IsWaitedForABoundedTime_AndSaid()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(
            1, _ => [("Workers:Enabled", "false"), ("Sequences:WorkerWait", "00:00:00.2")]);
        GenerationRequest request = Requests.Of(Requests.Sampled);
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(() => cluster.Client.GenerateAsync(request, Token))).Error;
        error.Code.ShouldBe(BeamlineErrorCode.NoWorker);
        (await cluster.Sequence(request.Id).GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
    }

    [Fact]
    public async Task StartThatIsCancelled_WhileItWaitsForAWorker_EndsAsCancelled()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(
            1, _ => [("Workers:Enabled", "false"), ("Sequences:WorkerWait", "00:10:00")]);
        GenerationRequest request = Requests.Of(Requests.Sampled);
        Task start = cluster.Sequence(request.Id).StartAsync(request, Token).AsTask();
        // Calls to one activation keep their order, so this one arrives while the start waits.
        while (!start.IsCompleted) await cluster.Sequence(request.Id).CancelAsync();
        (await Should.ThrowAsync<BeamlineException>(() => start)).Error.Code.ShouldBe(BeamlineErrorCode.Cancelled);
    }
}
