using System.Collections.Concurrent;
using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine;
using Beamline.Grains.Directory;
using Beamline.Grains.Placement;

namespace Beamline.Grains.Workers;

/// <summary>
/// One device of this silo: an engine a model. Lives in the silo, not in a grain, so that a grain that moves takes no model with it.
/// </summary>
internal sealed class DeviceWorker(WorkerId id, long epoch, WorkerOptions options, string fingerprint, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, InferenceEngine> _engines = new(StringComparer.Ordinal);
    private volatile bool _draining;
    private volatile bool _loaded;
    private bool _othersHaveRoom = true;

    public WorkerId Id { get; } = id;

    /// <summary>When it announces itself.</summary>
    public AnnouncementPace Pace { get; } = new(options.AnnounceInterval, time);

    /// <summary>Whether searches wait here.</summary>
    public bool HasLine => _engines.Values.Any(engine => engine.Load.QueuedSearches > 0);

    public long Epoch { get; } = epoch;

    /// <summary>Adds a loaded model.</summary>
    public void Add(InferenceEngine engine) => _engines[engine.Model.Name] = engine;

    /// <summary>Every model of the options is loaded.</summary>
    public void MarkLoaded() => _loaded = true;

    public SubmitAnswer Submit(SearchTicket ticket, bool mayWait)
    {
        if (!_engines.TryGetValue(ticket.Model, out InferenceEngine? engine))
        {
            return new(Epoch, BeamlineError.Of(BeamlineErrorCode.ModelNotFound, $"Worker {Id} does not serve {ticket.Model}."));
        }
        return new(Epoch, engine.Submit(ticket, mayWait));
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

    /// <summary>
    /// How old the copy for <see cref="Balance"/> may be: while searches can move it has to show where rows are free now.
    /// </summary>
    public TimeSpan BalanceAge => _othersHaveRoom ? AnnouncementPace.Tick / 2 : WorkerDirectoryCache.MaxAge;

    /// <summary>Gives back what waits here while others have room.</summary>
    /// <param name="workers">What is known of all workers.</param>
    public void Balance(ImmutableArray<WorkerDescription> workers)
    {
        _othersHaveRoom = false;
        foreach (InferenceEngine engine in _engines.Values)
        {
            GiveBack plan = WaitingBalance.Plan(Id, LoadOf(engine, engine.Load), workers, Random.Shared.NextDouble());
            _othersHaveRoom |= plan.Widest > 0;
            if (plan.Rows > 0) engine.GiveBack(plan.Rows, plan.Widest);
        }
    }

    public WorkerDescription Describe()
    {
        ImmutableArray<ModelDescription>.Builder models = ImmutableArray.CreateBuilder<ModelDescription>();
        int rows = 0, freeRows = 0, queued = 0;
        long queuedTokens = 0, kvBytes = 0, kvUsed = 0;
        double rate = 0;
        bool unhealthy = false;
        ImmutableArray<ModelLoad>.Builder loads = ImmutableArray.CreateBuilder<ModelLoad>();
        foreach (InferenceEngine engine in _engines.Values)
        {
            EngineLoad load = engine.Load;
            models.Add(engine.Model);
            loads.Add(LoadOf(engine, load));
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
        return new(Id, Epoch, state, models.DrainToImmutable(), rows, freeRows, queued, queuedTokens, kvBytes, kvUsed, rate, fingerprint)
        {
            Loads = loads.ToImmutable(),
        };
    }

    private static ModelLoad LoadOf(InferenceEngine engine, EngineLoad load) => new(
        engine.Model.Name, engine.Rows, load.FreeRows, load.QueuedSearches, load.QueuedTokens, load.TokensPerSecond, load.Prefixes);

    public void Dispose()
    {
        foreach (InferenceEngine engine in _engines.Values) engine.Dispose();
    }
}
