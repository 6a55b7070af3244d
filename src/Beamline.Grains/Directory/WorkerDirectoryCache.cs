using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Microsoft.Extensions.Logging;

namespace Beamline.Grains.Directory;

/// <summary>
/// This silo's copy of the worker directory, a fraction of a second old, so that choosing a worker costs no call. Safe for concurrent
/// use.
/// </summary>
internal sealed partial class WorkerDirectoryCache(IGrainFactory grains, TimeProvider time, ILogger<WorkerDirectoryCache> logger)
{
    /// <summary>How old the copy may be when it is used.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait for the directory; after it the old copy serves on.</summary>
    public static readonly TimeSpan FetchLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly WorkerCopy _copy = new();
    private long _fetched = long.MinValue;
    private Task? _fetching;

    /// <summary>
    /// The workers, fetched anew when the copy is too old. While the directory cannot be read the old copy serves: workers have the last
    /// word.
    /// </summary>
    public ValueTask<ImmutableArray<WorkerDescription>> GetAsync() => GetAsync(MaxAge);

    /// <summary>The workers, from a copy that is no older than what is asked for.</summary>
    public async ValueTask<ImmutableArray<WorkerDescription>> GetAsync(TimeSpan maxAge)
    {
        Task? fetching = null;
        lock (_lock)
        {
            if (_copy.Workers.IsEmpty || _fetched == long.MinValue || time.GetElapsedTime(_fetched) > maxAge)
            {
                fetching = _fetching = _fetching is { IsCompleted: false } underWay ? underWay : FetchAsync();
            }
        }
        if (fetching is not null) await fetching;
        lock (_lock) return _copy.Workers;
    }

    /// <summary>News of a worker that came here first.</summary>
    public void Update(WorkerDescription worker)
    {
        lock (_lock) _copy.Update(worker);
    }

    /// <summary>A worker took a search: it counts as busier until it has announced that itself.</summary>
    public void Charge(WorkerId worker, string model, int rows, long tokens)
    {
        lock (_lock) _copy.Add(worker, model, rows, tokens, time.GetUtcNow());
    }

    /// <summary>A worker could not be reached: it is left out for a while.</summary>
    public void Lose(WorkerDescription worker)
    {
        lock (_lock) _copy.Lose(worker, time.GetUtcNow());
    }

    private async Task FetchAsync()
    {
        try
        {
            IWorkerDirectoryGrain directory = grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key);
            ImmutableArray<WorkerDescription> workers = await directory.GetWorkersAsync().AsTask().WaitAsync(FetchLimit, time);
            lock (_lock)
            {
                _copy.Replace(workers, time.GetUtcNow());
                _fetched = time.GetTimestamp();
            }
        }
        catch (Exception e)
        {
            LogUnreachable(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The worker directory cannot be read; what was last known of workers serves on.")]
    private partial void LogUnreachable(Exception failure);
}
