using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine;
using Beamline.Engine.Backends.Devices;
using Beamline.Engine.Reporting;
using Beamline.Grains.Directory;
using Beamline.Grains.Placement;

namespace Beamline.Grains.Workers;

/// <summary>
/// One device of this silo: an engine a model. Lives in the silo, not in a grain, so that a grain that moves takes no model with it.
/// </summary>
internal sealed class DeviceWorker(WorkerId id, long epoch, WorkerOptions options, string fingerprint, TimeProvider time) : IDisposable
{
    private volatile bool _draining;
    private volatile bool _loaded;
    private bool _othersHaveRoom = true;

    public WorkerId Id { get; } = id;

    /// <summary>The device itself; the settings were checked.</summary>
    public DeviceId Device { get; } = DeviceId.TryParse(id.Device, out DeviceId device) ? device : default;

    /// <summary>Its models.</summary>
    public DeviceModels Models { get; } = new(id);

    /// <summary>When it announces itself.</summary>
    public AnnouncementPace Pace { get; } = new(options.AnnounceInterval, time);

    /// <summary>Whether searches wait here.</summary>
    public bool HasLine => Models.Engines.Any(engine => engine.Load.QueuedSearches > 0);

    public long Epoch { get; } = epoch;

    /// <summary>What the last bits of its results depend on besides the model.</summary>
    public string Fingerprint { get; } = fingerprint;

    /// <summary>Every model of the options is loaded.</summary>
    public void MarkLoaded() => _loaded = true;

    public SubmitAnswer Submit(SearchTicket ticket, bool mayWait)
    {
        if (Models.Find(ticket.Model) is not { Engine: { } engine }) return Unserved();
        BeamlineError? refusal = engine.Submit(ticket, mayWait);
        // A search that is here already is still here, also while the model drains; others hear that it is gone.
        bool isGone = refusal?.Code == BeamlineErrorCode.NoWorker && Models.Find(ticket.Model) is not { State: ModelState.Ready };
        return isGone ? Unserved() : new(Epoch, refusal);

        SubmitAnswer Unserved() =>
            new(Epoch, BeamlineError.Of(BeamlineErrorCode.ModelNotFound, $"Worker {Id} does not serve {ticket.Model}."));
    }

    /// <exception cref="BeamlineException">The worker does not have the search, or not in that epoch.</exception>
    public ValueTask<SearchReading> ReadAsync(SearchId search, string model, long epoch, long from, CancellationToken cancellationToken)
    {
        if (epoch != Epoch || Models.Find(model) is not { Engine: { } engine })
        {
            throw new BeamlineException(BeamlineErrorCode.WorkerLost, $"Worker {Id} does not have search {search} any more.");
        }
        return engine.ReadAsync(search, from, cancellationToken);
    }

    public void Forget(SearchId search)
    {
        foreach (InferenceEngine engine in Models.Engines) engine.Forget(search);
    }

    public void Drain()
    {
        _draining = true;
        Models.Drain();
    }

    /// <summary>Gives up what hangs and what nobody reads.</summary>
    public void Tend()
    {
        foreach (InferenceEngine engine in Models.Engines)
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
        foreach (InferenceEngine engine in Models.Engines)
        {
            GiveBack plan = WaitingBalance.Plan(Id, LoadOf(engine, engine.Load), workers, Random.Shared.NextDouble());
            _othersHaveRoom |= plan.Widest > 0;
            if (plan.Rows > 0) engine.GiveBack(plan.Rows, plan.Widest);
        }
    }

    public WorkerDescription Describe()
    {
        ImmutableArray<ModelDescription>.Builder models = ImmutableArray.CreateBuilder<ModelDescription>();
        ImmutableArray<ModelLoad>.Builder loads = ImmutableArray.CreateBuilder<ModelLoad>();
        ImmutableArray<ModelStatus>.Builder statuses = ImmutableArray.CreateBuilder<ModelStatus>();
        int rows = 0, freeRows = 0, queued = 0;
        long queuedTokens = 0, kvBytes = 0, kvUsed = 0;
        double rate = 0;
        bool unhealthy = true;        // until one of its models works
        foreach (ModelSlot slot in Models.Slots)
        {
            bool troubled = slot is { State: ModelState.Ready, Engine.State: EngineState.Recovering or EngineState.Hanging };
            statuses.Add(new(slot.Name, troubled ? ModelState.Recovering : slot.State, slot.Problem));
            if (slot.Engine is not { } engine) continue;
            EngineLoad load = engine.Load;
            kvBytes += engine.KvBytes;
            kvUsed += load.KvUsedBytes;
            queued += load.QueuedSearches;
            queuedTokens += load.QueuedTokens;
            rate += load.TokensPerSecond;
            if (slot.State != ModelState.Ready) continue;       // the rest is for those who look for a place
            models.Add(engine.Model);
            loads.Add(LoadOf(engine, load));
            rows = int.Max(rows, engine.Rows);
            if (!troubled) freeRows += load.FreeRows;
            unhealthy &= troubled;
        }
        WorkerState state = unhealthy && models.Count > 0 ? WorkerState.Unhealthy
            : _draining ? WorkerState.Draining
            : _loaded ? WorkerState.Ready : WorkerState.Starting;
        return new(
            Id, Epoch, state, models.DrainToImmutable(), rows, freeRows, queued, queuedTokens, kvBytes, kvUsed, rate, Fingerprint)
        {
            Loads = loads.ToImmutable(),
            Statuses = statuses.ToImmutable(),
        };
    }

    private static ModelLoad LoadOf(InferenceEngine engine, EngineLoad load) => new(
        engine.Model.Name, engine.Rows, load.FreeRows, load.QueuedSearches, load.QueuedTokens, load.TokensPerSecond, load.Prefixes)
    {
        KvBytes = engine.KvBytes,
        IsRecovering = engine.State is EngineState.Recovering or EngineState.Hanging,
    };

    public void Dispose() => Models.Dispose();
}
