using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Beamline.Server.Administration;
using Microsoft.Extensions.Options;

namespace Beamline.Server.Http.Models;

/// <summary>Has workers load and unload models, and waits until they have.</summary>
internal sealed class ModelChanger(IGrainFactory grains, IOptions<AdministrationSettings> settings, TimeProvider time)
{
    private const int MaxSilences = 3;
    private static readonly TimeSpan HearsayLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>The workers that announce themselves.</summary>
    public async Task<ImmutableArray<WorkerDescription>> GetWorkersAsync(CancellationToken cancellationToken) =>
        await grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key).GetWorkersAsync().AsTask().WaitAsync(cancellationToken);

    /// <summary>Loads a model on workers, on all at once.</summary>
    public async Task<WorkerChange[]> LoadAsync(string model, string[] workers, CancellationToken cancellationToken) =>
        await Task.WhenAll(workers.Select(worker => ChangeAsync(worker, isLoad: true, model, cancellationToken)));

    /// <summary>Unloads a model from workers, one after the other: the searches of each go on where the model still is.</summary>
    public async Task<WorkerChange[]> UnloadAsync(string model, string[] workers, CancellationToken cancellationToken)
    {
        List<WorkerChange> changes = [];
        foreach (string worker in workers) changes.Add(await ChangeAsync(worker, isLoad: false, model, cancellationToken));
        return [.. changes];
    }

    /// <summary>The workers that serve a model, once the directory has heard of what was changed, or a bounded time later.</summary>
    /// <param name="model">The model.</param>
    /// <param name="changes">What was changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Their ids, in order.</returns>
    public async Task<string[]> GetServingAsync(string model, WorkerChange[] changes, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            ImmutableArray<WorkerDescription> workers = await GetWorkersAsync(cancellationToken);
            string[] serving =
            [
                .. workers.Where(worker => worker.LoadOf(model) is not null).Select(worker => worker.Id.ToString())
                    .Order(StringComparer.Ordinal),
            ];
            if (changes.All(change => serving.Contains(change.Worker) == change.IsServing)) return serving;
            if (time.GetElapsedTime(start) >= HearsayLimit) return serving;
            await Task.Delay(FirstPause, time, cancellationToken);
        }
    }

    private async Task<WorkerChange> ChangeAsync(string worker, bool isLoad, string model, CancellationToken cancellationToken)
    {
        IModelWorkerGrain grain = grains.GetGrain<IModelWorkerGrain>(worker);
        long start = time.GetTimestamp();
        try
        {
            ModelAnswer answer = isLoad
                ? await grain.LoadModelAsync(model, cancellationToken)
                : await grain.UnloadModelAsync(model, cancellationToken);
            if (answer.Refusal is { } refusal) return WorkerChange.Of(worker, refusal);
            if (!answer.IsUnderWay)
            {
                return new(worker, isLoad ? WorkerChange.WasLoaded : WorkerChange.WasNotLoaded) { Model = answer.Model };
            }
            int silences = 0;
            for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                WorkerDescription? now = await TryDescribeAsync(grain, cancellationToken);
                silences = now is null ? silences + 1 : 0;
                if (silences == MaxSilences) return WorkerChange.Of(worker, Silent(worker));
                if (now is not null && Judge(worker, now, answer.Model, isLoad) is { } change) return change with { Model = answer.Model };
                if (time.GetElapsedTime(start) >= settings.Value.ChangeWait) return WorkerChange.Of(worker, Slow(isLoad));
                await Task.Delay(pause, time, cancellationToken);
            }
        }
        catch (BeamlineException e)
        {
            return WorkerChange.Of(worker, e.Error);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return WorkerChange.Of(worker, Silent(worker));
        }
    }

    /// <summary>What a worker's state says of the change; null while it is under way.</summary>
    private static WorkerChange? Judge(string worker, WorkerDescription now, string model, bool isLoad)
    {
        ModelStatus? status = now.Statuses.FirstOrDefault(known => known.Name == model);
        return (isLoad, status?.State) switch
        {
            (true, ModelState.Loading) or (false, ModelState.Draining) => null,
            (true, ModelState.Ready) => new(worker, WorkerChange.Loaded),
            (true, ModelState.Failed) => WorkerChange.Of(worker, status!.Problem!),
            (false, null) => new(worker, WorkerChange.Unloaded),
            (true, _) => WorkerChange.Of(worker, Crossed($"{model} was unloaded, or {worker} has started again, before it was loaded.")),
            (false, _) => WorkerChange.Of(worker, Crossed($"{model} was loaded again on {worker}.")),
        };
    }

    private static async Task<WorkerDescription?> TryDescribeAsync(IModelWorkerGrain grain, CancellationToken cancellationToken)
    {
        try
        {
            return await grain.DescribeAsync().AsTask().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return null;
        }
    }

    private BeamlineError Slow(bool isLoad)
    {
        string doing = isLoad ? "loading" : "unloading";
        return BeamlineError.Of(
            BeamlineErrorCode.DeadlineExceeded,
            $"still {doing} after {settings.Value.ChangeWait}; it goes on, and the same request waits for it again.");
    }

    private static BeamlineError Silent(string worker) => BeamlineError.Of(BeamlineErrorCode.NoWorker, $"{worker} does not answer.");

    private static BeamlineError Crossed(string problem) => BeamlineError.Of(BeamlineErrorCode.Conflict, problem);
}
