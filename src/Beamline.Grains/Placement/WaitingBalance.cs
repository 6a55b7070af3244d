using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Placement;

/// <summary>
/// Decides how much of its waiting line a worker gives back because others have room: a pure function of what the workers announced. All
/// workers with a line look at the same free rows, so each takes its share of them alone.
/// </summary>
internal static class WaitingBalance
{
    /// <summary>What a worker may give back.</summary>
    /// <param name="worker">The worker itself.</param>
    /// <param name="own">Its own load, now.</param>
    /// <param name="workers">What is known of all.</param>
    /// <param name="draw">From 0 up to 1: rounds a part of a row up or down.</param>
    public static GiveBack Plan(WorkerId worker, ModelLoad own, ImmutableArray<WorkerDescription> workers, double draw)
    {
        if (own.QueuedSearches == 0) return default;
        long free = 0, queued = own.QueuedSearches;
        int widest = 0;
        foreach (WorkerDescription other in workers)
        {
            if (other.Id == worker || other.LoadOf(own.Model) is not { } load) continue;
            queued += load.QueuedSearches;
            if (other.State != WorkerState.Ready || !load.HasRoomFor(1)) continue;
            free += load.FreeRows;
            widest = int.Max(widest, load.FreeRows);
        }
        double share = (double)free * own.QueuedSearches / queued;
        return new((int)double.Floor(share + draw), widest);
    }
}
