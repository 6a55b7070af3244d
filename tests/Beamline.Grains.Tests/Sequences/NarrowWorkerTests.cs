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
    private static readonly GenerationParameters Wide = Requests.Long with { DoSample = true, NumReturnSequences = NarrowCluster.Rows };

    private readonly TestCluster _cluster = narrow.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<List<GenerationUpdate>> StreamAsync(TestCluster cluster, GenerationRequest request)
    {
        List<GenerationUpdate> updates = [];
        await foreach (GenerationUpdate update in cluster.Client.StreamAsync(request, cancellationToken: Token)) updates.Add(update);
        return updates;
    }

    private async Task EmptyAsync(IEnumerable<GenerationRequest> requests)
    {
        foreach (GenerationRequest request in requests) await _cluster.Sequence(request.Id).CancelAsync();
        await _cluster.ShouldShowAsync(
            NarrowCluster.WorkerSilo, worker => worker is { FreeRows: NarrowCluster.Rows, QueuedSearches: 0, KvUsedBytes: 0 });
    }

    [Fact]
    public async Task SamplesSplitOverParts_AreThoseOfAWideWorker_UpdateByUpdate()
    {
        GenerationParameters values = Requests.Sampled with { NumReturnSequences = 10 };
        List<GenerationUpdate> split = await StreamAsync(_cluster, Requests.Of(values));
        List<GenerationUpdate> whole = await StreamAsync(tales.Cluster, Requests.Of(values));
        split.Select(Requests.Describe).ShouldBe(whole.Select(Requests.Describe));
        split[^1].ShouldBeOfType<Completed>().Result.Hypotheses.Length.ShouldBe(10);
    }

    [Fact]
    public async Task EveryQueueFull_IsRefusedWithARetryTime_AndTheSameIdRunsOnceThereIsRoom()
    {
        GenerationParameters values = Wide with { Seed = 4, MaxNewTokens = 200 };
        List<GenerationRequest> running = [];
        GenerationRequest next = Requests.Of(values, "Once upon", "a time");
        BeamlineError? refusal = null;
        while (refusal is null)
        {
            try
            {
                await _cluster.Sequence(next.Id).StartAsync(next, Token);
                running.Add(next);
                next = Requests.Of(values, "Once upon", "a time");
            }
            catch (BeamlineException e)
            {
                refusal = e.Error;
            }
        }
        refusal.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        refusal.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);

        await EmptyAsync(running);
        GenerationResult result = await _cluster.Client.GenerateAsync(next, Token);
        Requests.Describe(result).ShouldBe(Requests.Describe(await tales.Client.GenerateAsync(next, Token)));
    }

    [Fact]
    public async Task StartThatFailsHalfWay_LeavesNothingRunning()
    {
        // The first prompts find room in rows and line, a later one does not.
        GenerationRequest request = Requests.Of(Wide, [.. Enumerable.Repeat(Requests.Prompt, 12)]);
        Func<Task> start = () => _cluster.Sequence(request.Id).StartAsync(request, Token).AsTask();
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(start)).Error;
        error.Code.ShouldBe(BeamlineErrorCode.Overloaded);
        await EmptyAsync([]);
        (await _cluster.Sequence(request.Id).GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
    }

    [Fact]
    public async Task InteractiveRequest_GoesBeforeBatchWork_WhichGivesTheSameAfterwards()
    {
        GenerationParameters values = Wide with { Seed = 5, MaxNewTokens = 300 };
        ImmutableArray<GenerationRequest> batch =
        [
            .. Enumerable.Range(0, 3).Select(_ => Requests.Of(values) with { Priority = RequestPriority.Batch, Durable = true }),
        ];
        foreach (GenerationRequest request in batch) await _cluster.Sequence(request.Id).StartAsync(request, Token);

        await _cluster.Client.GenerateAsync(Requests.Of(Requests.Sampled), Token);

        (await _cluster.Sequence(batch[^1].Id).GetSnapshotAsync()).State
            .ShouldBe(RunState.Running, "the last batch request came before the interactive one");
        List<GenerationUpdate> first = await StreamAsync(_cluster, batch[0]), alone = await StreamAsync(tales.Cluster, batch[0]);
        first.Select(Requests.Describe).ShouldBe(alone.Select(Requests.Describe));
        await EmptyAsync(batch[1..]);
    }

    [Fact]
    public async Task FinishedRun_IsForgottenAfterAWhile_AndItsIdIsFree()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled);
        GenerationRequest other = request with { Parameters = Requests.Sampled with { Seed = 99 } };
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        Task forgotten = _cluster.DeactivatedAsync(run);
        await _cluster.Client.GenerateAsync(request, Token);
        await forgotten;

        (await run.GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
        GenerationResult again = await _cluster.Client.GenerateAsync(other, Token);
        Requests.Describe(again).ShouldBe(Requests.Describe(await tales.Client.GenerateAsync(other, Token)));
    }
}
