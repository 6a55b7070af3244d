using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine;

namespace Beamline.Grains.Workers;

/// <summary>The models of one device. All changes of their states are here. Safe for concurrent use.</summary>
internal sealed class DeviceModels(WorkerId worker) : IDisposable
{
    private readonly Lock _lock = new();
    private ImmutableSortedDictionary<string, ModelSlot> _slots = ImmutableSortedDictionary<string, ModelSlot>.Empty
        .WithComparers(StringComparer.Ordinal);

    private bool _closed;

    /// <summary>All models as they stand now, by name.</summary>
    public IEnumerable<ModelSlot> Slots => Volatile.Read(ref _slots).Values;

    /// <summary>The engines that have searches or may get some.</summary>
    public IEnumerable<InferenceEngine> Engines => Slots.Select(slot => slot.Engine).OfType<InferenceEngine>();

    /// <summary>A model as it stands now; null when the device has nothing to do with it.</summary>
    public ModelSlot? Find(string name) => Volatile.Read(ref _slots).GetValueOrDefault(name);

    /// <summary>Nothing, or a failed load, becomes loading.</summary>
    /// <param name="name">The model.</param>
    /// <param name="answer">What to tell whoever wants it loaded.</param>
    /// <returns>Whether the caller has to load it; then <see cref="TryServe"/> or <see cref="TryFail"/> follows.</returns>
    public bool TryBeginLoad(string name, out ModelAnswer answer)
    {
        lock (_lock)
        {
            ModelSlot? slot = Find(name);
            bool begins = !_closed && slot is null or { State: ModelState.Failed, IsBusy: false };
            if (begins) Put(new(name, ModelState.Loading));
            answer = slot switch
            {
                _ when _closed => Refuse(name, BeamlineErrorCode.NoWorker, $"{worker} is leaving"),
                { State: ModelState.Draining } => Refuse(name, BeamlineErrorCode.Conflict, $"{name} is being unloaded from {worker}"),
                { IsBusy: true } => Refuse(
                    name, BeamlineErrorCode.Conflict, $"an earlier load of {name} on {worker} was given up and has not come back yet"),
                { State: ModelState.Ready } => new(name, IsUnderWay: false),
                _ => new(name, IsUnderWay: true),
            };
            return begins;
        }
    }

    /// <summary>Whether a load that has begun is still wanted.</summary>
    public bool IsLoading(string name)
    {
        lock (_lock) return !_closed && Find(name) is { State: ModelState.Loading };
    }

    /// <summary>Loading becomes ready.</summary>
    /// <returns>False when the load was given up or the device is leaving: then the engine is the caller's to dispose.</returns>
    public bool TryServe(InferenceEngine engine)
    {
        lock (_lock)
        {
            if (_closed || Find(engine.Model.Name) is not { State: ModelState.Loading } slot) return false;
            Put(slot with { State = ModelState.Ready, Engine = engine });
            return true;
        }
    }

    /// <summary>Loading becomes failed.</summary>
    /// <param name="name">The model.</param>
    /// <param name="problem">Why.</param>
    /// <param name="late">The load itself when it was given up, not ended.</param>
    /// <returns>False when it was loaded after all.</returns>
    public bool TryFail(string name, BeamlineError problem, Task? late = null)
    {
        lock (_lock)
        {
            if (Find(name) is not { State: ModelState.Loading } slot) return false;
            Put(slot with { State = ModelState.Failed, Problem = problem, Late = late });
            return true;
        }
    }

    /// <summary>Ready becomes draining, and the engine takes no new searches; a failed load is forgotten.</summary>
    /// <param name="name">The model.</param>
    /// <param name="answer">What to tell whoever wants it unloaded.</param>
    /// <returns>The engine that the caller has to end; then <see cref="Remove"/> follows. Null when there is none.</returns>
    public InferenceEngine? TryBeginUnload(string name, out ModelAnswer answer)
    {
        lock (_lock)
        {
            ModelSlot? slot = Find(name);
            answer = slot switch
            {
                { State: ModelState.Loading } or { IsBusy: true } => Refuse(
                    name, BeamlineErrorCode.Conflict, $"{name} is being loaded on {worker}; unload it when that has ended"),
                { State: ModelState.Ready or ModelState.Draining } => new(name, IsUnderWay: true),
                _ => new(name, IsUnderWay: false),
            };
            if (slot is { State: ModelState.Failed, IsBusy: false }) Remove(name);
            if (slot is not { State: ModelState.Ready, Engine: { } engine }) return null;
            Put(slot with { State = ModelState.Draining });
            engine.Close();
            return engine;
        }
    }

    /// <summary>Draining, or failed, becomes nothing.</summary>
    public void Remove(string name)
    {
        lock (_lock) Volatile.Write(ref _slots, _slots.Remove(name));
    }

    /// <summary>Takes no new searches and no new models from now on; searches end as retryable.</summary>
    public void Drain()
    {
        lock (_lock) _closed = true;
        foreach (InferenceEngine engine in Engines) engine.Drain();
    }

    public void Dispose()
    {
        lock (_lock) _closed = true;
        foreach (InferenceEngine engine in Engines) engine.Dispose();
    }

    private void Put(ModelSlot slot) => Volatile.Write(ref _slots, _slots.SetItem(slot.Name, slot));

    private static ModelAnswer Refuse(string name, BeamlineErrorCode code, string problem) =>
        new(name, IsUnderWay: false, BeamlineError.Of(code, $"{problem}."));
}
