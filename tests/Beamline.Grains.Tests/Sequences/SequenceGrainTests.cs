using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>Runs from their start to their end, with the worker on another silo.</summary>
public sealed class SequenceGrainTests(TalesCluster tales) : IClassFixture<TalesCluster>
{
    private readonly TestCluster _cluster = tales.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<List<GenerationUpdate>> ReadToEndAsync(RequestId id, long from = 0)
    {
        List<GenerationUpdate> updates = [];
        await foreach (GenerationUpdate update in _cluster.Client.ReadAsync(id, from, Token)) updates.Add(update);
        return updates;
    }

    private static async Task<BeamlineError> RefusalAsync(Func<Task> call) => (await Should.ThrowAsync<BeamlineException>(call)).Error;

    [Fact]
    public async Task Start_AgainAndAtOnce_IsOneRun()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled);
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => run.StartAsync(request, Token).AsTask()));
        List<GenerationUpdate> updates = await ReadToEndAsync(request.Id);
        await run.StartAsync(request, Token);

        updates.Select(update => update.Position).ShouldBe(Enumerable.Range(0, updates.Count).Select(i => (long)i));
        updates.OfType<TokenAppended>().Count().ShouldBe(updates[^1].ShouldBeOfType<Completed>().Result.Usage.GeneratedTokens);
        (await ReadToEndAsync(request.Id)).Select(Requests.Describe).ShouldBe(updates.Select(Requests.Describe));
    }

    [Fact]
    public async Task Start_WithOtherContent_IsAConflict()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled);
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        BeamlineError error = await RefusalAsync(() => run.StartAsync(request with { User = "another" }, Token).AsTask());
        error.Code.ShouldBe(BeamlineErrorCode.Conflict);
        (await ReadToEndAsync(request.Id))[^1].ShouldBeOfType<Completed>();
    }

    [Fact]
    public async Task Start_ThatWasRefused_LeavesTheIdFreeForOtherContent()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled);
        ISequenceGrain run = _cluster.Sequence(request.Id);
        GenerationRequest wrong = request with { Parameters = new() { TopP = 2, Temperature = -1 } };
        BeamlineError error = await RefusalAsync(() => run.StartAsync(wrong, Token).AsTask());
        error.Faults.Select(fault => fault.Field).ShouldBe(["temperature", "top_p"]);
        (await run.GetSnapshotAsync()).State.ShouldBe(RunState.Unknown);
        await run.StartAsync(request, Token);
        (await ReadToEndAsync(request.Id))[^1].ShouldBeOfType<Completed>();
    }

    [Fact]
    public async Task Start_WithAnUnknownModel_IsRefused() =>
        (await RefusalAsync(() => _cluster.Client.GenerateAsync(Requests.Of(Requests.Sampled) with { Model = "nobody" }, Token)))
            .Code.ShouldBe(BeamlineErrorCode.ModelNotFound);

    [Fact]
    public async Task Start_OfABeamSearchWiderThanEveryWorker_IsRefusedAtOnce() =>
        (await RefusalAsync(() => _cluster.Client.GenerateAsync(Requests.Of(new() { NumBeams = 17, MaxNewTokens = 4 }), Token)))
            .Faults.ShouldBe([new("num_beams", "17", "at most 16, the rows of the widest worker")]);

    [Fact]
    public async Task Readers_FromAnyPosition_AndSeveralAtOnce_ReadTheSame()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled with { NumReturnSequences = 3, StopStrings = ["kite"] });
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        List<GenerationUpdate>[] live = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReadToEndAsync(request.Id)));
        ImmutableArray<string> whole = [.. live[0].Select(Requests.Describe)];

        foreach (List<GenerationUpdate> updates in live) updates.Select(Requests.Describe).ShouldBe(whole);
        for (int from = 0; from <= whole.Length; from += 7)
        {
            UpdateReading reading = await run.ReadAsync(from, Token);
            reading.IsLast.ShouldBeTrue();
            reading.Updates.Select(Requests.Describe).ShouldBe(whole[from..]);
        }
        (await run.ReadAsync(whole.Length, Token)).ShouldSatisfyAllConditions(
            end => end.Updates.ShouldBeEmpty(),
            end => end.IsLast.ShouldBeTrue());
    }

    [Fact]
    public async Task ReaderBeyondTheEnd_HearsHowItEnded()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled);
        await _cluster.Client.GenerateAsync(request, Token);
        UpdateReading reading = await _cluster.Sequence(request.Id).ReadAsync(1000, Token);
        reading.Updates.ShouldHaveSingleItem().ShouldBeOfType<Completed>().Position.ShouldBe(1000);
        reading.IsLast.ShouldBeTrue();
    }

    [Fact]
    public async Task Cancel_EndsTheRun_AndGivesItsRowsBack()
    {
        GenerationRequest request = Requests.Of(Requests.Long with { DoSample = true, NumReturnSequences = 3 });
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        await run.ReadAsync(0, Token);
        await run.CancelAsync();

        List<GenerationUpdate> updates = await ReadToEndAsync(request.Id);
        updates[^1].ShouldBeOfType<Failed>().Error.Code.ShouldBe(BeamlineErrorCode.Cancelled);
        updates.OfType<TokenAppended>().Count().ShouldBeLessThan(3 * 400);
        (await RefusalAsync(async () => await run.AwaitCompletionAsync(Token))).Code.ShouldBe(BeamlineErrorCode.Cancelled);
        await run.CancelAsync();
        (await ReadToEndAsync(request.Id)).Count.ShouldBe(updates.Count);
        await _cluster.ShouldShowAsync(TalesCluster.WorkerSilo, worker => worker is { FreeRows: 16, QueuedSearches: 0, KvUsedBytes: 0 });
    }

    [Fact]
    public async Task ReaderThatLeaves_CancelsTheRun_UnlessItIsDurable()
    {
        foreach (bool durable in (bool[])[false, true])
        {
            GenerationRequest request = Requests.Of(Requests.Long with { MaxNewTokens = 120 }) with { Durable = durable };
            await foreach (GenerationUpdate _ in _cluster.Client.StreamAsync(request, cancellationToken: Token)) break;
            GenerationUpdate last = (await ReadToEndAsync(request.Id))[^1];
            if (durable) last.ShouldBeOfType<Completed>();
            else last.ShouldBeOfType<Failed>().Error.Code.ShouldBe(BeamlineErrorCode.Cancelled);
        }
    }

    [Fact]
    public async Task Snapshot_ShowsEveryState()
    {
        GenerationRequest request = Requests.Of(Requests.Long with { MaxNewTokens = 200 }), cancelled = Requests.Of(Requests.Long);
        ISequenceGrain run = _cluster.Sequence(request.Id);
        (await run.GetSnapshotAsync()).ShouldBe(new(RunState.Unknown, 0, 0, null, null));

        await run.StartAsync(request, Token);
        RunSnapshot running = await run.GetSnapshotAsync();
        running.State.ShouldBe(RunState.Running);

        List<GenerationUpdate> updates = await ReadToEndAsync(request.Id);
        RunSnapshot completed = await run.GetSnapshotAsync();
        (completed.State, completed.NextPosition, completed.GeneratedTokens, completed.Error)
            .ShouldBe((RunState.Completed, updates.Count, 200, null));
        Requests.Describe(completed.Result!).ShouldBe(Requests.Describe(((Completed)updates[^1]).Result));

        await _cluster.Sequence(cancelled.Id).StartAsync(cancelled, Token);
        await _cluster.Sequence(cancelled.Id).CancelAsync();
        RunSnapshot failed = await _cluster.Sequence(cancelled.Id).GetSnapshotAsync();
        (failed.State, failed.Result, failed.Error?.Code).ShouldBe((RunState.Failed, null, BeamlineErrorCode.Cancelled));
    }

    [Fact]
    public async Task Completion_IsThatOfTheLastUpdate()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled);
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        GenerationResult? result = null;
        while (result is null) result = await run.AwaitCompletionAsync(Token);
        Requests.Describe(result).ShouldBe(Requests.Describe((await ReadToEndAsync(request.Id))[^1].ShouldBeOfType<Completed>().Result));
    }

    [Fact]
    public async Task UnknownRun_IsSaidToBeUnknown_AndCancellingItDoesNothing()
    {
        ISequenceGrain run = _cluster.Sequence(RequestId.New());
        (await RefusalAsync(async () => await run.ReadAsync(0, Token))).Code.ShouldBe(BeamlineErrorCode.RequestNotFound);
        (await RefusalAsync(async () => await run.AwaitCompletionAsync(Token))).Code.ShouldBe(BeamlineErrorCode.RequestNotFound);
        await run.CancelAsync();
        (await RefusalAsync(async () => await _cluster.Search(RequestId.New()).ReadAsync(0, Token))).Code
            .ShouldBe(BeamlineErrorCode.RequestNotFound);
    }

    [Fact]
    public async Task SeveralPrompts_EachGetWhatTheyGetAlone()
    {
        string[] prompts = ["Once upon a time", "", "Write a tale about a mouse and a kite.\n"];
        GenerationRequest together = Requests.Of(Requests.Sampled with { NumReturnSequences = 2 }, prompts);
        GenerationResult result = await _cluster.Client.GenerateAsync(together, Token);
        for (int i = 0; i < prompts.Length; i++)
        {
            GenerationResult alone = await _cluster.Client.GenerateAsync(Requests.Of(together.Parameters, prompts[i]), Token);
            result.Hypotheses.Where(found => found.Prompt == i).Select(found => (found.Index, found.Text))
                .ShouldBe(alone.Hypotheses.Select(found => (found.Index, found.Text)));
        }
    }

    [Fact]
    public async Task FaultOfOnePrompt_RefusesTheRequest_ByItsPlace()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled) with { Prompts = [new TextPrompt("a"), new TokenPrompt([5000])] };
        (await RefusalAsync(() => _cluster.Client.GenerateAsync(request, Token))).Faults.ShouldHaveSingleItem().Field.ShouldBe("prompt[1]");
    }

    [Fact]
    public async Task Seed_FixesEverything_AndMoreSamplesBeginWithTheSameOnes()
    {
        Task<GenerationResult> GenerateAsync(int samples, long seed) =>
            _cluster.Client.GenerateAsync(Requests.Of(Requests.Sampled with { NumReturnSequences = samples, Seed = seed }), Token);

        GenerationResult three = await GenerateAsync(3, seed: 7);
        GenerationResult seven = await GenerateAsync(7, seed: 7);
        GenerationResult other = await GenerateAsync(3, seed: 8);
        Requests.Describe(seven).Take(3).ShouldBe(Requests.Describe(three));
        Requests.Describe(other).ShouldNotBe(Requests.Describe(three));
        three.Hypotheses.Select(found => found.Text).ShouldBeUnique();
    }

    [Fact]
    public async Task Deadline_EndsTheRun_WithWhatThereIs()
    {
        GenerationRequest late = Requests.Of(Requests.Sampled) with { Deadline = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1) };
        (await RefusalAsync(() => _cluster.Client.GenerateAsync(late, Token))).Code.ShouldBe(BeamlineErrorCode.DeadlineExceeded);

        // Sixteen rows of 400 tokens take longer than this, and the first token does not.
        GenerationRequest request = Requests.Of(Requests.Long with { DoSample = true, NumReturnSequences = 16 }) with
        {
            Deadline = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1),
        };
        try
        {
            GenerationResult result = await _cluster.Client.GenerateAsync(request, Token);
            result.Hypotheses.ShouldContain(found => found.Reason == FinishReason.Deadline);
        }
        catch (BeamlineException e)
        {
            e.Error.Code.ShouldBe(BeamlineErrorCode.DeadlineExceeded);      // a machine so busy that not even the first token came in time
        }
    }

    [Fact]
    public async Task Logprobs_ComeWithEachToken_AndInTheResult()
    {
        GenerationRequest request = Requests.Of(Requests.Sampled with { Logprobs = 3, TopK = 5 });
        ISequenceGrain run = _cluster.Sequence(request.Id);
        await run.StartAsync(request, Token);
        List<GenerationUpdate> updates = await ReadToEndAsync(request.Id);
        Hypothesis found = updates[^1].ShouldBeOfType<Completed>().Result.Hypotheses.ShouldHaveSingleItem();

        found.Logprobs.Select(logprobs => logprobs.Id).ShouldBe(found.Ids);
        updates.OfType<TokenAppended>().Select(token => token.Logprobs!.Id).ShouldBe(found.Ids);
        found.Logprobs.ShouldAllBe(logprobs => logprobs.Processed <= 0 && logprobs.Raw <= 0);
        found.Logprobs.ShouldAllBe(logprobs => logprobs.TopRaw.Length == 3 && logprobs.TopProcessed.Length == 3);
    }
}
