using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Failures;

/// <summary>Silos and activations go away in the middle of runs; every run ends with the updates of an undisturbed one.</summary>
public sealed class FailoverTests
{
    private static readonly ImmutableArray<GenerationParameters> Kinds =
    [
        Requests.Long,
        Requests.Long with { DoSample = true, Seed = 3, NumReturnSequences = 5, Logprobs = 1 },
        Requests.Long with { NumBeams = 4, NumReturnSequences = 2 },
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Three silos, of which those named have a worker.</summary>
    private static Task<TestCluster> StartAsync(params string[] workers) =>
        TestCluster.StartAsync(3, silo => [("Workers:Enabled", $"{workers.Contains(silo)}"), ("Workers:Engine:Threads", "1")]);

    /// <summary>Runs all kinds at once; when each has put something out, one thing happens.</summary>
    private static async Task<ImmutableArray<List<GenerationUpdate>>> RunAsync(
        TestCluster cluster, ImmutableArray<GenerationRequest> requests, Func<Task>? disturb = null)
    {
        CountdownEvent begun = new(requests.Length);
        TaskCompletionSource allBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<List<GenerationUpdate>>[] runs = [.. requests.Select(request => Task.Run(() => StreamAsync(cluster, request, () =>
        {
            if (begun.Signal()) allBegun.SetResult();
        })))];
        await allBegun.Task;
        if (disturb is not null) await disturb();
        return [.. await Task.WhenAll(runs)];
    }

    private static async Task<List<GenerationUpdate>> StreamAsync(TestCluster cluster, GenerationRequest request, Action begun)
    {
        List<GenerationUpdate> updates = [];
        await foreach (GenerationUpdate update in cluster.Client.StreamAsync(request, cancellationToken: Token))
        {
            if (updates.Count == 0) begun();
            updates.Add(update);
        }
        return updates;
    }

    private static void ShouldBeTheSame(ImmutableArray<List<GenerationUpdate>> disturbed, ImmutableArray<List<GenerationUpdate>> alone)
    {
        for (int i = 0; i < alone.Length; i++)
        {
            disturbed[i].Select(Requests.Describe).ShouldBe(alone[i].Select(Requests.Describe));
            disturbed[i][^1].ShouldBeOfType<Completed>();
        }
    }

    private static ImmutableArray<GenerationRequest> NewRequests() => [.. Kinds.Select(values => Requests.Of(values))];

    [Fact]
    public async Task WorkerSiloKilled_SearchesGoOnElsewhere_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> alone = await RunAsync(cluster, NewRequests());

        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(cluster, NewRequests(), async () =>
        {
            bool isFirst = (await cluster.Worker("Silo_1").DescribeAsync()).FreeRows < (await cluster.Worker("Silo_2").DescribeAsync()).FreeRows;
            await cluster.KillAsync(isFirst ? "Silo_1" : "Silo_2");
        });

        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        ShouldBeTheSame(disturbed, alone);
    }

    [Fact]
    public async Task SiloOfSequenceKilled_ClientReadsOn_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_0", "Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> alone = await RunAsync(cluster, NewRequests());
        ImmutableArray<GenerationRequest> requests = NewRequests();

        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(
            cluster, requests, () => cluster.KillAsync(cluster.SiloOf(cluster.Sequence(requests[1].Id))));

        ShouldBeTheSame(disturbed, alone);
    }

    [Fact]
    public async Task WorkerDrained_SearchesGoOnElsewhere_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> alone = await RunAsync(cluster, NewRequests());

        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(cluster, NewRequests(), async () =>
        {
            bool isFirst = (await cluster.Worker("Silo_1").DescribeAsync()).FreeRows < (await cluster.Worker("Silo_2").DescribeAsync()).FreeRows;
            await cluster.Worker(isFirst ? "Silo_1" : "Silo_2").DrainAsync(Token);
        });

        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        ShouldBeTheSame(disturbed, alone);
    }

    [Fact]
    public async Task ActivationsLost_RunsStartAgain_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1");
        ImmutableArray<List<GenerationUpdate>> alone = await RunAsync(cluster, NewRequests());
        ImmutableArray<GenerationRequest> requests = NewRequests();

        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(cluster, requests, async () =>
        {
            await cluster.DeactivateAsync(cluster.Search(requests[0].Id));
            await cluster.DeactivateAsync(cluster.Sequence(requests[1].Id));
            await cluster.DeactivateAsync(cluster.Search(requests[2].Id));
        });

        ShouldBeTheSame(disturbed, alone);
        await cluster.ShouldShowAsync("Silo_1", worker => worker is { FreeRows: 16, QueuedSearches: 0, KvUsedBytes: 0 });
    }

    [Fact]
    public async Task NoWorker_IsWaitedForABoundedTime_AndSaid()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1, _ => [("Workers:Enabled", "false"), ("Sequences:WorkerWait", "00:00:00.2")]);
        GenerationRequest request = Requests.Of(Requests.Sampled);
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(() => cluster.Client.GenerateAsync(request, Token))).Error;
        error.Code.ShouldBe(BeamlineErrorCode.NoWorker);
        (await cluster.Sequence(request.Id).GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
    }

    [Fact]
    public async Task StartThatIsCancelled_WhileItWaitsForAWorker_EndsAsCancelled()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1, _ => [("Workers:Enabled", "false"), ("Sequences:WorkerWait", "00:10:00")]);
        GenerationRequest request = Requests.Of(Requests.Sampled);
        Task start = cluster.Sequence(request.Id).StartAsync(request, Token).AsTask();
        // Calls to one activation keep their order, so this one arrives while the start waits.
        while (!start.IsCompleted) await cluster.Sequence(request.Id).CancelAsync();
        (await Should.ThrowAsync<BeamlineException>(() => start)).Error.Code.ShouldBe(BeamlineErrorCode.Cancelled);
    }
}
