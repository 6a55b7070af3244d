using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>What happens at the limits: few rows, a short line, and a cluster that forgets soon.</summary>
public sealed class NarrowWorkerTests(NarrowCluster narrow, TalesCluster tales) : IClassFixture<NarrowCluster>, IClassFixture<TalesCluster>
{
    private readonly TestCluster _cluster = narrow.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<List<GenerationUpdate>> StreamAsync(TestCluster cluster, GenerationRequest request)
    {
        List<GenerationUpdate> updates = [];
        await foreach (GenerationUpdate update in cluster.Client.StreamAsync(request, cancellationToken: Token)) updates.Add(update);
        return updates;
    }

    /// <summary>Fills the rows and the line, and returns what does so.</summary>
    private async Task<ImmutableArray<GenerationRequest>> FillAsync(RequestPriority priority = RequestPriority.Interactive)
    {
        GenerationParameters values = Requests.Long with { DoSample = true, NumReturnSequences = NarrowCluster.Rows };
        List<GenerationRequest> filling = [];
        for (int i = 0; i <= NarrowCluster.Queue; i++)
        {
            GenerationRequest request = Requests.Of(values) with { Priority = priority, Durable = true };
            await _cluster.Sequence(request.Id).StartAsync(request, Token);
            // The first one is in the rows before the next comes, so the line is full exactly at the end.
            int waiting = i;
            await _cluster.ShouldShowAsync(NarrowCluster.WorkerSilo, worker => worker.FreeRows == 0 && worker.QueuedSearches == waiting);
            filling.Add(request);
        }
        return [.. filling];
    }

    private async Task EmptyAsync(IEnumerable<GenerationRequest> filling)
    {
        foreach (GenerationRequest request in filling) await _cluster.Sequence(request.Id).CancelAsync();
        await _cluster.ShouldShowAsync(NarrowCluster.WorkerSilo, worker => worker is { FreeRows: NarrowCluster.Rows, QueuedSearches: 0, KvUsedBytes: 0 });
    }

    [Fact]
    public async Task SamplesSplitOverParts_AreThoseOfAWideWorker_UpdateByUpdate()
    {
        GenerationParameters values = Requests.Sampled with { NumReturnSequences = 10 };
        List<GenerationUpdate> split = await StreamAsync(_cluster, Requests.Of(values)), whole = await StreamAsync(tales.Cluster, Requests.Of(values));
        split.Select(Requests.Describe).ShouldBe(whole.Select(Requests.Describe));
        split[^1].ShouldBeOfType<Completed>().Result.Hypotheses.Length.ShouldBe(10);
    }

    [Fact]
    public async Task EveryQueueFull_IsRefusedWithARetryTime_AndTheSameIdRunsOnceThereIsRoom()
    {
        ImmutableArray<GenerationRequest> filling = await FillAsync();
        GenerationRequest request = Requests.Of(Requests.Sampled, "Once", "upon", "a time");
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(() => _cluster.Sequence(request.Id).StartAsync(request, Token).AsTask())).Error;
        error.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        error.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);

        await EmptyAsync(filling);
        GenerationResult result = await _cluster.Client.GenerateAsync(request, Token);
        Requests.Describe(result).ShouldBe(Requests.Describe(await tales.Client.GenerateAsync(request, Token)));
    }

    [Fact]
    public async Task StartThatFailsHalfWay_LeavesNothingRunning()
    {
        // The first prompts find room in rows and line, a later one does not.
        GenerationParameters values = Requests.Long with { DoSample = true, NumReturnSequences = NarrowCluster.Rows };
        GenerationRequest request = Requests.Of(values, [.. Enumerable.Repeat(Requests.Prompt, 8)]);
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(() => _cluster.Sequence(request.Id).StartAsync(request, Token).AsTask())).Error;
        error.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        await EmptyAsync([]);
        (await _cluster.Sequence(request.Id).GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
    }

    [Fact]
    public async Task InteractiveRequest_GoesBeforeBatchWork_WhichGivesTheSameAfterwards()
    {
        GenerationParameters values = Requests.Long with { DoSample = true, Seed = 5, NumReturnSequences = NarrowCluster.Rows, MaxNewTokens = 300 };
        GenerationRequest batch = Requests.Of(values) with { Priority = RequestPriority.Batch };
        Task<List<GenerationUpdate>> slow = StreamAsync(_cluster, batch);
        await _cluster.ShouldShowAsync(NarrowCluster.WorkerSilo, worker => worker.FreeRows == 0);
        await _cluster.Client.GenerateAsync(Requests.Of(Requests.Sampled), Token);
        slow.IsCompleted.ShouldBeFalse("the batch request waits for the interactive one");
        (await slow).Select(Requests.Describe).ShouldBe((await StreamAsync(tales.Cluster, batch)).Select(Requests.Describe));
    }

    [Fact]
    public async Task FinishedRun_IsForgottenAfterAWhile_AndItsIdIsFree()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled), other = request with { Parameters = Requests.Sampled with { Seed = 99 } };
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        Task forgotten = _cluster.DeactivatedAsync(run);
        await _cluster.Client.GenerateAsync(request, Token);
        await forgotten;

        (await run.GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
        Requests.Describe(await _cluster.Client.GenerateAsync(other, Token)).ShouldBe(Requests.Describe(await tales.Client.GenerateAsync(other, Token)));
    }

    [Fact]
    public async Task RunWhoseReaderVanished_IsCancelled_AndGivesItsRowsBack()
    {
        GenerationRequest request = Requests.Of(Requests.Long with { DoSample = true, NumReturnSequences = 4 }, Requests.Prompt, Requests.Prompt);
        await _cluster.Sequence(request.Id).StartAsync(request, Token);
        await _cluster.Events.WaitForAsync(Token, request.Id.Value, "nobody read it");
        await _cluster.ShouldShowAsync(NarrowCluster.WorkerSilo, worker => worker is { FreeRows: NarrowCluster.Rows, QueuedSearches: 0 });
    }
}
