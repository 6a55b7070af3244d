using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Failures;

/// <summary>Silos and activations go away in the middle of runs; every run ends with the updates of an undisturbed one.</summary>
public sealed class FailoverTests(FailoverTests.Undisturbed alone) : IClassFixture<FailoverTests.Undisturbed>
{
    private static readonly GenerationParameters Base = new() { MaxNewTokens = 200, EosTokenId = [] };

    private static readonly ImmutableArray<GenerationParameters> Kinds =
    [
        Base,
        Base with { DoSample = true, Seed = 3, NumReturnSequences = 5, Logprobs = 1 },
        Base with { NumBeams = 4, NumReturnSequences = 2 },
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
        await await Task.WhenAny(allBegun.Task, Task.WhenAll(runs));        // a run that fails before it begins is not waited for
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

    private void ShouldBeUndisturbed(ImmutableArray<List<GenerationUpdate>> runs)
    {
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i].Select(Requests.Describe).ShouldBe(alone.Runs[i].Select(Requests.Describe));
            runs[i][^1].ShouldBeOfType<Completed>();
        }
    }

    /// <summary>Of two silos the one whose worker has more to do.</summary>
    private static async Task<string> BusierAsync(TestCluster cluster, string one, string other) =>
        (await cluster.Worker(one).DescribeAsync()).FreeRows < (await cluster.Worker(other).DescribeAsync()).FreeRows ? one : other;

    private static ImmutableArray<GenerationRequest> NewRequests() => [.. Kinds.Select(values => Requests.Of(values))];

    [Fact]
    public async Task WorkerSiloKilled_SearchesGoOnElsewhere_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(
            cluster, NewRequests(), async () => await cluster.KillAsync(await BusierAsync(cluster, "Silo_1", "Silo_2")));

        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        ShouldBeUndisturbed(disturbed);
    }

    [Fact]
    public async Task SiloOfSequenceKilled_ClientReadsOn_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_0", "Silo_1", "Silo_2");
        ImmutableArray<GenerationRequest> requests = NewRequests();
        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(
            cluster, requests, () => cluster.KillAsync(cluster.SiloOf(cluster.Sequence(requests[1].Id))));

        ShouldBeUndisturbed(disturbed);
    }

    [Fact]
    public async Task WorkerDrained_SearchesGoOnElsewhere_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1", "Silo_2");
        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(
            cluster, NewRequests(), async () => await cluster.Worker(await BusierAsync(cluster, "Silo_1", "Silo_2")).DrainAsync(Token));

        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        ShouldBeUndisturbed(disturbed);
    }

    [Fact]
    public async Task ActivationsLost_RunsStartAgain_SameUpdates()
    {
        await using TestCluster cluster = await StartAsync("Silo_1");
        ImmutableArray<GenerationRequest> requests = NewRequests();
        ImmutableArray<List<GenerationUpdate>> disturbed = await RunAsync(cluster, requests, async () =>
        {
            await cluster.DeactivateAsync(cluster.Search(requests[0].Id));
            await cluster.DeactivateAsync(cluster.Sequence(requests[1].Id));
            await cluster.DeactivateAsync(cluster.Search(requests[2].Id));
        });

        ShouldBeUndisturbed(disturbed);
        await cluster.ShouldShowAsync("Silo_1", worker => worker is { FreeRows: 16, QueuedSearches: 0, KvUsedBytes: 0 });
    }

    [Fact]
    public async Task RunWhoseReaderVanished_IsCancelled()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(
            1, _ => [("Sequences:UnreadLimit", "00:00:01"), ("Sequences:WorkerWait", "00:10:00")]);
        GenerationRequest request = Requests.Of(Base with { DoSample = true, NumReturnSequences = 16, MaxNewTokens = 480 });
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

    /// <summary>The same requests with nothing in their way.</summary>
    public sealed class Undisturbed : IAsyncLifetime
    {
        internal ImmutableArray<List<GenerationUpdate>> Runs { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await using TestCluster cluster = await StartAsync("Silo_0");
            Runs = await RunAsync(cluster, NewRequests());
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
