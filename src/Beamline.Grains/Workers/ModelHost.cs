using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine;
using Beamline.Engine.Memory;
using Beamline.Engine.Reporting;
using Beamline.Grains.Directory;
using Beamline.Grains.Placement;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Workers;

/// <summary>Loads and unloads models of this silo's devices beside the grains and the engines, which go on meanwhile.</summary>
internal sealed partial class ModelHost(
    LocalWorkers workers,
    ModelLoader loader,
    ModelCatalogue catalogue,
    WorkerDirectoryCache directory,
    Announcer announcer,
    IOptions<WorkerOptions> options,
    TimeProvider time,
    ILogger<ModelHost> logger)
{
    private static readonly TimeSpan EmptyCheck = TimeSpan.FromMilliseconds(50);

    /// <summary>How long readers of searches that were ended have to hear of it.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    /// <summary>Refuses a name of the silo's own settings before anything is started for it.</summary>
    /// <exception cref="BeamlineException">There is no such model.</exception>
    public void Require(string name) => catalogue.Require(name);

    /// <summary>Loads a model on all devices, here and now: for the silo's own start.</summary>
    /// <param name="name">A name or path of the silo's own settings.</param>
    /// <exception cref="BeamlineException">It cannot be loaded.</exception>
    public void Load(string name)
    {
        foreach (DeviceWorker worker in workers.All)
        {
            if (worker.Models.TryBeginLoad(name, out _)) loader.Load(worker, name);
        }
    }

    /// <summary>Begins to load a model.</summary>
    /// <param name="worker">The device.</param>
    /// <param name="name">A name from outside: only names of the catalogue are followed.</param>
    /// <param name="cancellationToken">Ends the look into the catalogue.</param>
    public async Task<ModelAnswer> LoadAsync(DeviceWorker worker, string name, CancellationToken cancellationToken)
    {
        string? known = name;
        if (worker.Models.Find(name) is null or { State: ModelState.Failed })
        {
            try
            {
                known = await Task.Run(() => catalogue.Find(name), cancellationToken);
            }
            catch (BeamlineException e)
            {
                return new(name, IsUnderWay: false, e.Error);
            }
        }
        if (known is null)
        {
            string problem = $"There is no model {ServedModels.Quote(name)} in the catalogue of {worker.Id.Host}; "
                + $"known: {string.Join(", ", catalogue.GetNames())}.";
            return new(name, IsUnderWay: false, BeamlineError.Of(BeamlineErrorCode.ModelNotFound, problem));
        }
        // Task.Run leaves the caller's scheduler, which is a grain's.
        if (worker.Models.TryBeginLoad(known, out ModelAnswer answer)) _ = Task.Run(() => LoadAsync(worker, known), CancellationToken.None);
        return answer;
    }

    /// <summary>Begins to unload a model.</summary>
    /// <param name="worker">The device.</param>
    /// <param name="name">The name it is served by, or one that the catalogue knows it by.</param>
    /// <param name="cancellationToken">Ends the look into the catalogue.</param>
    public async Task<ModelAnswer> UnloadAsync(DeviceWorker worker, string name, CancellationToken cancellationToken)
    {
        string served = name;
        if (worker.Models.Find(name) is null)
        {
            try
            {
                served = await Task.Run(() => catalogue.Find(name), cancellationToken) ?? name;
            }
            catch (BeamlineException e)
            {
                return new(name, IsUnderWay: false, e.Error);
            }
        }
        if (worker.Models.TryBeginUnload(served, out ModelAnswer answer) is { } engine)
        {
            _ = Task.Run(() => UnloadAsync(worker, engine), CancellationToken.None);
        }
        return answer;
    }

    private async Task LoadAsync(DeviceWorker worker, string name)
    {
        // A thread of its own: reading and checking takes seconds, which the pool's few threads owe to everybody else.
        Task loading = Task.Factory.StartNew(
            () => loader.Load(worker, name), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        TimeSpan limit = options.Value.LoadLimit;
        try
        {
            await loading.WaitAsync(limit, time);
            await announcer.TryTellAsync(worker.Describe());        // at once: somebody waits for it
        }
        catch (BeamlineException e)
        {
            LogRefused(name, worker.Id, e.Error.Message);
            worker.Models.TryFail(name, e.Error);
        }
        catch (TimeoutException) when (!loading.IsCompleted)
        {
            string problem = $"{name} was not loaded on {worker.Id} within {limit}, the setting {WorkerOptions.Section}:LoadLimit.";
            if (worker.Models.TryFail(name, BeamlineError.Of(BeamlineErrorCode.DeadlineExceeded, problem), late: loading))
            {
                LogRefused(name, worker.Id, problem);
            }
        }
        catch (Exception e)
        {
            LogLoadFailed(e, name, worker.Id);
            string problem = $"{name} could not be loaded on {worker.Id}; the silo's log says more.";
            worker.Models.TryFail(name, BeamlineError.Of(BeamlineErrorCode.Internal, problem));
        }
    }

    private async Task UnloadAsync(DeviceWorker worker, InferenceEngine engine)
    {
        string name = engine.Model.Name;
        try
        {
            // First told, then asked: of two workers that unload at the same time at least one sees that it is the last.
            await announcer.TryTellAsync(worker.Describe());
            ImmutableArray<WorkerDescription> known = await directory.GetAsync(TimeSpan.Zero);
            bool isCovered = ModelCover.Has(known, worker.Id, worker.Fingerprint, engine.Model, engine.Rows, engine.KvBytes);
            LogUnloading(name, worker.Id, isCovered ? "its searches move to other workers" : "its searches run to their end");
            if (isCovered) engine.Drain();
            if (!await IsLeftAsync(engine, options.Value.UnloadLimit))
            {
                LogCut(name, worker.Id, options.Value.UnloadLimit);
                engine.Drain();
                await IsLeftAsync(engine, Farewell);
            }
        }
        catch (Exception e)
        {
            LogUnloadCutShort(e, name, worker.Id);
        }
        // Waits for the engine's thread, so not on the pool's.
        await Task.Factory.StartNew(
            () => End(engine), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        worker.Models.Remove(name);
        LogUnloaded(name, worker.Id);
    }

    private static void End(InferenceEngine engine)
    {
        engine.Dispose();
        NativeHeap.Trim();
    }

    /// <summary>Waits until the last search has ended and was read to its end.</summary>
    /// <returns>False when that took too long.</returns>
    private async Task<bool> IsLeftAsync(InferenceEngine engine, TimeSpan limit)
    {
        long start = time.GetTimestamp();
        using PeriodicTimer timer = new(EmptyCheck, time);
        while (!engine.IsEmpty && engine.State != EngineState.Stopped)
        {
            if (time.GetElapsedTime(start) >= limit) return false;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "{Worker} does not load {Model}: {Problem}")]
    private partial void LogRefused(string model, WorkerId worker, string problem);

    [LoggerMessage(LogLevel.Error, "{Worker} failed to load {Model}.")]
    private partial void LogLoadFailed(Exception failure, string model, WorkerId worker);

    [LoggerMessage(LogLevel.Information, "{Worker} unloads {Model}: {What}.")]
    private partial void LogUnloading(string model, WorkerId worker, string what);

    [LoggerMessage(LogLevel.Warning, "Searches of {Model} on {Worker} did not end within {Limit}; they are ended now.")]
    private partial void LogCut(string model, WorkerId worker, TimeSpan limit);

    [LoggerMessage(LogLevel.Error, "{Worker} ends {Model} at once, with what runs on it.")]
    private partial void LogUnloadCutShort(Exception failure, string model, WorkerId worker);

    [LoggerMessage(LogLevel.Information, "{Worker} does not serve {Model} any more.")]
    private partial void LogUnloaded(string model, WorkerId worker);
}
