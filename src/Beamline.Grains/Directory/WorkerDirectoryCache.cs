using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Directory;

/// <summary>This silo's copy of the worker directory, a fraction of a second old, so that choosing a worker costs no call. Safe for concurrent use.</summary>
internal sealed class WorkerDirectoryCache(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How old the copy may be when it is used.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private ImmutableArray<WorkerDescription> _workers = [];
    private long _fetched = long.MinValue;
    private Task? _fetching;

    /// <summary>The workers, fetched anew when the copy is too old.</summary>
    public async ValueTask<ImmutableArray<WorkerDescription>> GetAsync()
    {
        Task? fetching = null;
        lock (_lock)
        {
            if (_workers.IsEmpty || _fetched == long.MinValue || time.GetElapsedTime(_fetched) > MaxAge) fetching = _fetching ??= FetchAsync();
        }
        if (fetching is not null) await fetching;
        lock (_lock) return _workers;
    }

    /// <summary>News of a worker that came here first.</summary>
    public void Update(WorkerDescription worker)
    {
        lock (_lock) _workers = [.. _workers.Where(known => known.Id != worker.Id), worker];
    }

    /// <summary>A search went to a worker: until the next copy it counts as busier.</summary>
    public void Charge(WorkerId id, int rows, long tokens)
    {
        lock (_lock)
        {
            _workers = [.. _workers.Select(worker => worker.Id != id ? worker
                : worker.FreeRows >= rows ? worker with { FreeRows = worker.FreeRows - rows }
                : worker with { QueuedSearches = worker.QueuedSearches + 1, QueuedTokens = worker.QueuedTokens + tokens })];
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            ImmutableArray<WorkerDescription> workers = await grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key).GetWorkersAsync();
            lock (_lock)
            {
                _workers = workers;
                _fetched = time.GetTimestamp();
            }
        }
        finally
        {
            lock (_lock) _fetching = null;
        }
    }
}
