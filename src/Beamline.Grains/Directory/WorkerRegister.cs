using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Directory;

/// <summary>Announcements by worker, each with the time it came. Plain state: the caller brings the clock.</summary>
internal sealed class WorkerRegister
{
    /// <summary>An announcement older than this is forgotten: the worker is gone, or its silo cannot reach the directory.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(5);

    private readonly Dictionary<WorkerId, (WorkerDescription Worker, DateTimeOffset At)> _workers = [];

    /// <summary>Replaces what is known of a worker, unless that is of a later epoch.</summary>
    public void Announce(WorkerDescription worker, DateTimeOffset now)
    {
        if (_workers.TryGetValue(worker.Id, out var known) && known.Worker.Epoch > worker.Epoch && now - known.At < Expiry) return;
        _workers[worker.Id] = (worker, now);
    }

    /// <summary>Forgets a worker, unless it has started again since.</summary>
    public void Withdraw(WorkerId worker, long epoch)
    {
        if (_workers.TryGetValue(worker, out var known) && known.Worker.Epoch <= epoch) _workers.Remove(worker);
    }

    /// <summary>The workers that announced themselves lately, by id.</summary>
    public ImmutableArray<WorkerDescription> Current(DateTimeOffset now)
    {
        foreach ((WorkerId id, (_, DateTimeOffset at)) in _workers.ToArray())
        {
            if (now - at >= Expiry) _workers.Remove(id);
        }
        return [.. _workers.Values.Select(entry => entry.Worker).OrderBy(worker => worker.Id.ToString(), StringComparer.Ordinal)];
    }
}
