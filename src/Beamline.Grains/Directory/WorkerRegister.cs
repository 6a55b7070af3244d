using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Directory;

/// <summary>Announcements by worker, each with the time it came. Plain state: the caller brings the clock.</summary>
internal sealed class WorkerRegister
{
    /// <summary>An announcement older than this is forgotten: the worker is gone, or its silo cannot reach the directory.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<string, (WorkerDescription Worker, DateTimeOffset At)> _workers = new(StringComparer.Ordinal);

    /// <summary>Replaces what is known of a worker, unless that is of a later epoch.</summary>
    public void Announce(WorkerDescription worker, DateTimeOffset now)
    {
        bool isKnown = _workers.TryGetValue(worker.Id.ToString(), out (WorkerDescription Worker, DateTimeOffset At) known);
        if (isKnown && known.Worker.Epoch > worker.Epoch && now - known.At < Expiry) return;
        _workers[worker.Id.ToString()] = (worker, now);
    }

    /// <summary>Forgets a worker, unless it has started again since.</summary>
    public void Withdraw(WorkerId worker, long epoch)
    {
        if (_workers.TryGetValue(worker.ToString(), out var known) && known.Worker.Epoch <= epoch) _workers.Remove(worker.ToString());
    }

    /// <summary>The workers that announced themselves lately, by id.</summary>
    public ImmutableArray<WorkerDescription> Current(DateTimeOffset now)
    {
        foreach ((string id, (_, DateTimeOffset at)) in _workers.ToArray())
        {
            if (now - at >= Expiry) _workers.Remove(id);
        }
        return [.. _workers.Values.Select(entry => entry.Worker)];
    }
}
