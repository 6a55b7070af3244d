using System.Collections.Immutable;

namespace Beamline.Engine.Memory;

/// <summary>
/// KV of prompts computed before, keyed by their token ids, so that a prefix which many requests share is computed once. Bounded in
/// bytes; the least recently used goes first.
/// </summary>
/// <remarks>
/// Only prefilled positions are kept, never decoded ones: one new token differs from several in the last bits, and a cache may not
/// change a byte of the output. Owned by the engine thread.
/// </remarks>
public sealed class PrefixCache : IDisposable
{
    /// <summary>Prompts shorter than this are not worth an entry.</summary>
    public const int MinTokens = 8;

    /// <summary>Fingerprints that are announced at most.</summary>
    public const int MaxFingerprints = 64;

    private readonly KvPool _pool;
    private readonly long _capacityBytes;
    private readonly LinkedList<Entry> _entries = new();   // most recently used first
    private ImmutableArray<ulong>? _fingerprints = [];

    /// <summary>An empty cache.</summary>
    /// <param name="pool">Where rows live.</param>
    /// <param name="capacityBytes">Bytes of snapshots at most; 0 turns the cache off.</param>
    public PrefixCache(KvPool pool, long capacityBytes)
    {
        _pool = pool;
        _capacityBytes = capacityBytes;
    }

    /// <summary>Bytes held.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Entries held.</summary>
    public int Count => _entries.Count;

    /// <summary>
    /// Fingerprints of the beginnings of the most recently used prompts, each once; at most <see cref="MaxFingerprints"/>.
    /// </summary>
    public ImmutableArray<ulong> Fingerprints => _fingerprints ??= CollectFingerprints();

    /// <summary>Copies the longest known prefix of a prompt into a row.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="row">The row to fill.</param>
    /// <param name="limit">Positions wanted at most.</param>
    /// <returns>Positions filled; 0 when nothing is known.</returns>
    public int Restore(ReadOnlySpan<int> prompt, int row, int limit)
    {
        (LinkedListNode<Entry>? best, int length) = Find(prompt, limit);
        if (best is null) return 0;
        _pool.Restore(best.Value.Kv, row, length);
        _entries.Remove(best);
        _entries.AddFirst(best);
        _fingerprints = null;
        return length;
    }

    /// <summary>Whether a prefix of a prompt is known.</summary>
    public bool Knows(ReadOnlySpan<int> prompt) => Find(prompt, prompt.Length).Entry is not null;

    /// <summary>Keeps the KV of a prompt that a row holds, unless an entry covers it already or it is too large.</summary>
    public void Save(ReadOnlySpan<int> prompt, int row)
    {
        long bytes = _pool.Model.KvBytesPerPosition * prompt.Length;
        if (prompt.Length < MinTokens || bytes > _capacityBytes) return;
        for (LinkedListNode<Entry>? node = _entries.First; node is not null; node = node.Next)
        {
            if (prompt.CommonPrefixLength(node.Value.Ids) == prompt.Length) return;
        }
        while (UsedBytes + bytes > _capacityBytes) Evict();
        _entries.AddFirst(new Entry(prompt.ToArray(), FingerprintsOf(prompt), _pool.Save(row, prompt.Length)));
        UsedBytes += bytes;
        _fingerprints = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_entries.Count > 0) Evict();
    }

    private (LinkedListNode<Entry>? Entry, int Length) Find(ReadOnlySpan<int> prompt, int limit)
    {
        LinkedListNode<Entry>? best = null;
        int length = MinTokens - 1;
        for (LinkedListNode<Entry>? node = _entries.First; node is not null; node = node.Next)
        {
            int common = int.Min(prompt.CommonPrefixLength(node.Value.Ids), limit);
            if (common > length) (best, length) = (node, common);
        }
        return (best, best is null ? 0 : length);
    }

    private void Evict()
    {
        Entry entry = _entries.Last!.Value;
        _entries.RemoveLast();
        _fingerprints = null;
        UsedBytes -= entry.Kv.Bytes;
        entry.Kv.Dispose();
    }

    private ImmutableArray<ulong> CollectFingerprints()
    {
        HashSet<ulong> found = [];
        foreach (Entry entry in _entries)
        {
            // The longest first: where there is no room for all, they save the most.
            for (int i = entry.Fingerprints.Length - 1; i >= 0 && found.Count < MaxFingerprints; i--) found.Add(entry.Fingerprints[i]);
        }
        return [.. found];
    }

    private static ulong[] FingerprintsOf(ReadOnlySpan<int> prompt)
    {
        List<ulong> found = [];
        foreach (int length in PrefixFingerprint.Lengths)
        {
            if (length <= prompt.Length) found.Add(PrefixFingerprint.Of(prompt, length));
        }
        return [.. found];
    }

    private sealed record Entry(int[] Ids, ulong[] Fingerprints, KvSnapshot Kv);
}
