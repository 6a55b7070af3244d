using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Memory;
using Beamline.Engine.Prefixes;
using Beamline.Grains.Tests.Doubles;

namespace Beamline.Grains.Tests.Placement.Simulation;

/// <summary>A worker that serves its line strictly in order, as the engine does, each row at the same pace.</summary>
internal sealed class SimulatedWorker(WorkerId id, int rows, double tokensPerSecondAndRow)
{
    private const int CachedPrompts = 16;

    private readonly LinkedList<SimulatedSearch> _line = new();
    private readonly List<ulong[]> _cache = [];     // most recently used last
    private (int FreeRows, int Queued) _announced;
    private double _announcedAt = double.NegativeInfinity;
    private long _queuedTokens;
    private double _since;

    public WorkerId Id { get; } = id;

    public int Rows { get; } = rows;

    public int FreeRows { get; private set; } = rows;

    public int QueuedSearches => _line.Count;

    public bool HasRoomFor(int rows) => FreeRows >= rows && _line.Count == 0;

    public bool HasRoom => FreeRows > 0 && _line.Count == 0;

    /// <summary>Row-seconds of work done.</summary>
    public double Work { get; private set; }

    /// <summary>Searches whose prompt's beginning was at hand.</summary>
    public int CacheHits { get; private set; }

    /// <summary>Takes a search; the caller starts what <see cref="TryStart"/> gives.</summary>
    public void Submit(SimulatedSearch search)
    {
        _line.AddLast(search);
        _queuedTokens += (long)search.Tokens * search.Rows;
    }

    /// <summary>The next search that fits, with its rows taken; null when there is none.</summary>
    public SimulatedSearch? TryStart(double now)
    {
        if (_line.First is not { } first || first.Value.Rows > FreeRows) return null;
        SimulatedSearch search = first.Value;
        Remove(first);
        Count(now);
        FreeRows -= search.Rows;
        Remember(search.Prompt);
        return search;
    }

    public double SecondsOf(SimulatedSearch search) => search.Tokens / tokensPerSecondAndRow;

    public void Finish(SimulatedSearch search, double now)
    {
        Count(now);
        FreeRows += search.Rows;
    }

    /// <summary>Forgets the work done so far.</summary>
    public void ResetWork(double now)
    {
        Count(now);
        Work = 0;
    }

    /// <summary>Adds the work up to now.</summary>
    public void Count(double now)
    {
        Work += (Rows - FreeRows) * (now - _since);
        _since = now;
    }

    /// <summary>Takes searches out of the line for others, as the engine does.</summary>
    public List<SimulatedSearch> GiveBack(int maxRows, int widest)
    {
        List<SimulatedSearch> given = [];
        LinkedListNode<SimulatedSearch>? node = _line.First;
        while (node is not null && maxRows > 0)
        {
            LinkedListNode<SimulatedSearch>? next = node.Next;
            if (node.Value.Rows <= int.Min(maxRows, widest))
            {
                maxRows -= node.Value.Rows;
                given.Add(node.Value);
                Remove(node);
            }
            node = next;
        }
        return given;
    }

    /// <summary>What it would announce; null when that is what it announced less than a second ago.</summary>
    public WorkerDescription? News(double now)
    {
        if (_announced == (FreeRows, _line.Count) && now - _announcedAt < 1) return null;
        (_announced, _announcedAt) = ((FreeRows, _line.Count), now);
        return Describe();
    }

    public WorkerDescription Describe()
    {
        ModelLoad load = new("tales", Rows, FreeRows, _line.Count, _queuedTokens, (Rows - FreeRows) * tokensPerSecondAndRow,
            [.. _cache.SelectMany(prompt => prompt).Distinct()]);
        return Announcements.Idle(Id.Host, Rows) with { Id = Id, Loads = [load] };
    }

    private void Remember(int[] prompt)
    {
        if (prompt.Length == 0) return;
        IEnumerable<int> lengths = PrefixFingerprint.Lengths.ToArray().Where(length => length <= prompt.Length);
        ulong[] prints = [.. lengths.Select(length => PrefixFingerprint.Of(prompt, length))];
        int known = _cache.FindIndex(other => other.SequenceEqual(prints));
        if (known >= 0)
        {
            CacheHits++;
            _cache.RemoveAt(known);
        }
        else if (_cache.Count == CachedPrompts)
        {
            _cache.RemoveAt(0);
        }
        _cache.Add(prints);
    }

    private void Remove(LinkedListNode<SimulatedSearch> node)
    {
        _line.Remove(node);
        _queuedTokens -= (long)node.Value.Tokens * node.Value.Rows;
    }
}
