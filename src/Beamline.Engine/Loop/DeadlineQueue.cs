using System.Diagnostics.CodeAnalysis;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Loop;

/// <summary>
/// Searches that must end by a time, the next one first: a look costs the same however many wait. Owned by the engine thread.
/// </summary>
internal sealed class DeadlineQueue
{
    private readonly PriorityQueue<EngineSearch, DateTimeOffset> _queue = new();
    private readonly HashSet<EngineSearch> _here = [];

    /// <summary>Notes a search, if it has a deadline.</summary>
    public void Add(EngineSearch search)
    {
        if (search.Ticket.Deadline is not { } deadline) return;
        _here.Add(search);
        _queue.Enqueue(search, deadline);
    }

    /// <summary>A search has ended.</summary>
    public void Remove(EngineSearch search)
    {
        // It stays in the queue until its time; when all that is left there has ended, it goes at once.
        if (_here.Remove(search) && _here.Count == 0) _queue.Clear();
    }

    /// <summary>Takes the next search whose time is over.</summary>
    public bool TryTakeDue(TimeProvider time, [NotNullWhen(true)] out EngineSearch? late)
    {
        while (_queue.TryPeek(out late, out DateTimeOffset deadline))
        {
            bool isHere = _here.Contains(late);
            if (isHere && deadline > time.GetUtcNow()) return false;
            _queue.Dequeue();
            if (isHere) return true;
        }
        return false;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _queue.Clear();
        _here.Clear();
    }
}
