using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Workers;

/// <summary>
/// Decides when a worker announces itself: soon after its load changed, and now and then when nothing does. Not safe for concurrent use.
/// </summary>
internal sealed class AnnouncementPace(TimeSpan interval, TimeProvider time)
{
    /// <summary>How often a worker looks whether there is news.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private WorkerDescription? _last;
    private long _lastAt;

    /// <summary>Whether to announce now; if so, it counts as announced.</summary>
    public bool TryTake(WorkerDescription worker)
    {
        if (_last is not null && !IsNews(_last, worker) && time.GetElapsedTime(_lastAt) < interval) return false;
        (_last, _lastAt) = (worker, time.GetTimestamp());
        return true;
    }

    // The rate alone changes all the time and decides little.
    private static bool IsNews(WorkerDescription last, WorkerDescription now) => last.State != now.State
        || last.Epoch != now.Epoch
        || !last.Statuses.SequenceEqual(now.Statuses)
        || !last.Loads.Select(WithoutRate).SequenceEqual(now.Loads.Select(WithoutRate));

    private static ModelLoad WithoutRate(ModelLoad load) => load with { TokensPerSecond = 0 };
}
