using System.Collections.Concurrent;
using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine;

namespace Beamline.Grains.Workers;

/// <summary>
/// One device of this silo: an engine a model. Lives in the silo, not in a grain, so that a grain that moves takes no model with it.
/// </summary>
internal sealed class DeviceWorker(WorkerId id, long epoch, WorkerOptions options, string fingerprint) : IDisposable
{
    private readonly ConcurrentDictionary<string, InferenceEngine> _engines = new(StringComparer.Ordinal);
    private volatile bool _draining;
    private volatile bool _loaded;

    public WorkerId Id { get; } = id;

    public long Epoch { get; } = epoch;

    /// <summary>Adds a loaded model.</summary>
    public void Add(InferenceEngine engine) => _engines[engine.Model.Name] = engine;

    /// <summary>Every model of the options is loaded.</summary>
    public void MarkLoaded() => _loaded = true;

    public SubmitAnswer Submit(SearchTicket ticket)
    {
        if (!_engines.TryGetValue(ticket.Model, out InferenceEngine? engine))
        {
            return new(Epoch, BeamlineError.Of(BeamlineErrorCode.ModelNotFound, $"Worker {Id} does not serve {ticket.Model}."));
        }
        return new(Epoch, engine.Submit(ticket));
    }

    /// <exception cref="BeamlineException">The worker does not have the search, or not in that epoch.</exception>
    public ValueTask<SearchReading> ReadAsync(SearchId search, string model, long epoch, long from, CancellationToken cancellationToken)
    {
        if (epoch != Epoch || !_engines.TryGetValue(model, out InferenceEngine? engine))
        {
            throw new BeamlineException(
                BeamlineErrorCode.WorkerLost, $"Worker {Id} started again and does not have search {search} any more.");
        }
        return engine.ReadAsync(search, from, cancellationToken);
    }

    public void Forget(SearchId search)
    {
        foreach (InferenceEngine engine in _engines.Values) engine.Forget(search);
    }

    public void Drain()
    {
        _draining = true;
        foreach (InferenceEngine engine in _engines.Values) engine.Drain();
    }

    /// <summary>Gives up what hangs and what nobody reads.</summary>
    public void Tend()
    {
        foreach (InferenceEngine engine in _engines.Values)
        {
            engine.CheckHang();
            engine.ForgetUnread(options.UnreadLimit);
        }
    }

    public WorkerDescription Describe()
    {
        ImmutableArray<ModelDescription>.Builder models = ImmutableArray.CreateBuilder<ModelDescription>();
        int rows = 0, freeRows = 0, queued = 0;
        long queuedTokens = 0, kvBytes = 0, kvUsed = 0;
        double rate = 0;
        bool unhealthy = false;
        foreach (InferenceEngine engine in _engines.Values)
        {
            EngineLoad load = engine.Load;
            models.Add(engine.Model);
            rows = int.Max(rows, engine.Rows);
            freeRows += load.FreeRows;
            queued += load.QueuedSearches;
            queuedTokens += load.QueuedTokens;
            kvBytes += engine.KvBytes;
            kvUsed += load.KvUsedBytes;
            rate += load.TokensPerSecond;
            unhealthy |= engine.State == EngineState.Unhealthy;
        }
        WorkerState state = unhealthy ? WorkerState.Unhealthy
            : _draining ? WorkerState.Draining
            : _loaded ? WorkerState.Ready : WorkerState.Starting;
        models.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
        return new(Id, Epoch, state, models.DrainToImmutable(), rows, freeRows, queued, queuedTokens, kvBytes, kvUsed, rate, fingerprint);
    }

    public void Dispose()
    {
        foreach (InferenceEngine engine in _engines.Values) engine.Dispose();
    }
}
