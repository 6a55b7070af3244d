using System.Collections.Immutable;
using Beamline.Engine.Backends;

namespace Beamline.Engine.Prefixes;

/// <summary>
/// KV computed before, as a tree of small blocks: histories that begin alike share what they have in common. Keeps prompts that many
/// requests begin with, and what preempted searches held, so that neither is computed again. Bounded in bytes; the least recently used
/// goes first, ends before beginnings.
/// </summary>
/// <remarks>
/// Histories are marks, not tokens: a position that was decoded has other last bits than one that a prompt's pass computed, and a cache may
/// not change a byte of the output. Owned by the engine thread.
/// </remarks>
internal sealed class PrefixCache : IDisposable
{
    /// <summary>Positions of a block.</summary>
    public const int BlockTokens = 16;

    /// <summary>Beginnings shorter than this are not worth a copy.</summary>
    public const int MinTokens = 8;

    /// <summary>Fingerprints that are announced at most.</summary>
    public const int MaxFingerprints = 64;

    private readonly IKvCache _kv;
    private readonly long _bytesPerPosition;
    private readonly long _capacityBytes;
    private readonly Dictionary<long, PrefixNode> _roots = [];
    private readonly LinkedList<PrefixNode> _use = new();     // most recently used first; a node before those behind it in a history
    private ImmutableArray<ulong>? _fingerprints = [];

    /// <summary>An empty cache.</summary>
    /// <param name="kv">Where sequences live.</param>
    /// <param name="bytesPerPosition">Bytes of a position.</param>
    /// <param name="capacityBytes">Bytes of snapshots at most; 0 turns the cache off.</param>
    public PrefixCache(IKvCache kv, long bytesPerPosition, long capacityBytes)
    {
        _kv = kv;
        _bytesPerPosition = bytesPerPosition;
        _capacityBytes = capacityBytes;
    }

    /// <summary>Bytes held.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Blocks held.</summary>
    public int Count => _use.Count;

    /// <summary>Changes whenever blocks come or go.</summary>
    public long Version { get; private set; }

    /// <summary>
    /// Fingerprints of the beginnings of the most recently used prompts, each once; at most <see cref="MaxFingerprints"/>.
    /// </summary>
    public ImmutableArray<ulong> Fingerprints => _fingerprints ??=
        [.. _use.Select(node => node.Fingerprint).Where(fingerprint => fingerprint != 0).Distinct().Take(MaxFingerprints)];

    /// <summary>How many leading positions of a history are here; 0 when too few to be of use.</summary>
    /// <param name="realm">Whose histories: 0 are those that all searches share.</param>
    /// <param name="marks">The history.</param>
    /// <param name="limit">Positions wanted at most.</param>
    public int Find(long realm, ReadOnlySpan<int> marks, int limit)
    {
        if (!_roots.TryGetValue(realm, out PrefixNode? node)) return 0;
        ReadOnlySpan<int> rest = marks[..limit];
        while (node.FindWhole(rest) is { } next)
        {
            node = next;
            rest = rest[BlockTokens..];
        }
        int found = node.End + node.FindBest(rest).Common;
        return found < MinTokens ? 0 : found;
    }

    /// <summary>Fills a sequence with the longest known beginning of a history.</summary>
    /// <param name="realm">Whose histories.</param>
    /// <param name="marks">The history.</param>
    /// <param name="sequence">Empty, or whole blocks of the history are there already.</param>
    /// <param name="limit">Positions wanted at most.</param>
    /// <returns>Positions that the sequence holds now.</returns>
    public int Restore(long realm, ReadOnlySpan<int> marks, int sequence, int limit)
    {
        int held = _kv.Length(sequence);
        if (Find(realm, marks, limit) <= held) return held;
        PrefixNode node = _roots[realm];
        ReadOnlySpan<int> rest = marks[..limit];
        while (node.FindWhole(rest) is { } next && (next.End <= held || _kv.TryRestore(next.Kv!, sequence, BlockTokens)))
        {
            node = next;
            rest = rest[BlockTokens..];
        }
        (PrefixNode? last, int common) = node.FindBest(rest);
        if (last is not null && _kv.TryRestore(last.Kv!, sequence, common)) node = last;
        Touch(node);
        return _kv.Length(sequence);
    }

    /// <summary>Keeps what a sequence holds, as far as it is not here and there is room.</summary>
    /// <param name="realm">Whose history it is.</param>
    /// <param name="marks">The history; the sequence holds these positions, or more.</param>
    /// <param name="sequence">The sequence.</param>
    public void Save(long realm, ReadOnlySpan<int> marks, int sequence)
    {
        if (marks.Length < MinTokens || _bytesPerPosition * int.Min(BlockTokens, marks.Length) > _capacityBytes) return;
        if (!_roots.TryGetValue(realm, out PrefixNode? node)) _roots[realm] = node = PrefixNode.NewRoot();
        while (node.End < marks.Length)
        {
            ReadOnlySpan<int> rest = marks[node.End..];
            if (node.FindWhole(rest) is { } known)
            {
                node = known;
                continue;
            }
            int count = int.Min(BlockTokens, rest.Length);
            (PrefixNode? best, int common) = node.FindBest(rest);
            if (common == count)
            {
                node = best!;       // a longer block covers the end of this history
                break;
            }
            Touch(node);
            if (TryAdd(node, marks, sequence, count) is not { } added) break;
            // A block that ended in the middle of what is here now.
            if (best is not null && common == best.Marks.Length && node.Children.Contains(best)) Remove(best);
            node = added;
        }
        Touch(node);
    }

    /// <summary>Forgets all histories of a realm.</summary>
    public void Forget(long realm)
    {
        if (!_roots.Remove(realm, out PrefixNode? root)) return;
        Stack<PrefixNode> nodes = new(root.Children);
        while (nodes.TryPop(out PrefixNode? node))
        {
            foreach (PrefixNode child in node.Children) nodes.Push(child);
            Release(node);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (long realm in _roots.Keys.ToArray()) Forget(realm);
    }

    private PrefixNode? TryAdd(PrefixNode parent, ReadOnlySpan<int> marks, int sequence, int count)
    {
        long bytes = _bytesPerPosition * count;
        while (UsedBytes + bytes > _capacityBytes)
        {
            // The parent and what is before it were used just now: when they alone are left, there is no room for more.
            if (_use.Last is not { Value: var oldest } || oldest == parent) return null;
            Remove(oldest);
        }
        KvSnapshot kv;
        try
        {
            kv = _kv.Save(sequence, parent.End, count);
        }
        catch (OutOfMemoryException)
        {
            return null;        // it costs time later, nothing else
        }
        ReadOnlySpan<int> path = marks[..(parent.End + count)];
        PrefixNode node = new(parent, path[parent.End..].ToArray(), kv, PrefixFingerprint.OfMarks(path));
        parent.Children.Add(node);
        _use.AddFirst(node.Use);
        UsedBytes += bytes;
        Change();
        return node;
    }

    /// <summary>Used just now: the node, and before it all that it follows.</summary>
    private void Touch(PrefixNode node)
    {
        for (PrefixNode? at = node; at?.Parent is not null; at = at.Parent)
        {
            _use.Remove(at.Use);
            _use.AddFirst(at.Use);
        }
        _fingerprints = null;
    }

    private void Remove(PrefixNode leaf)
    {
        leaf.Parent!.Children.Remove(leaf);
        Release(leaf);
    }

    private void Release(PrefixNode node)
    {
        _use.Remove(node.Use);
        UsedBytes -= node.Kv!.Bytes;
        node.Kv.Dispose();
        Change();
    }

    private void Change()
    {
        Version++;
        _fingerprints = null;
    }
}
