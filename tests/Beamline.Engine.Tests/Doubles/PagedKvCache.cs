using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>
/// KV in pages that sequences share until one of them writes: what a device with an indirect cache does. A position is a mark.
/// </summary>
internal sealed unsafe class PagedKvCache : IKvCache
{
    private const int PageTokens = 16;
    private readonly KvLayout _layout;
    private readonly int _context;
    private readonly int[][] _marks;
    private readonly int[] _owners;         // sequences that a page belongs to
    private readonly int[] _leaving;        // of those, the ones that get a copy in the reservation under way
    private readonly Stack<int> _free = new();
    private readonly List<int>?[] _pages;
    private readonly int[] _length;
    private readonly Reservation _reservation;

    public PagedKvCache(KvLayout layout, int context, int sequences, long bytes)
    {
        _layout = layout;
        _context = context;
        BlockBytes = layout.BytesPerPosition * PageTokens;
        Blocks = (int)long.Clamp(bytes / BlockBytes, 1, (long)sequences * PagesOf(context));
        _marks = [.. Enumerable.Range(0, Blocks).Select(_ => new int[PageTokens])];
        _owners = new int[Blocks];
        _leaving = new int[Blocks];
        for (int page = Blocks - 1; page >= 0; page--) _free.Push(page);
        _pages = new List<int>?[sequences];
        _length = new int[sequences];
        _reservation = new Reservation(this);
    }

    public int BlockTokens => PageTokens;

    public long BlockBytes { get; }

    public int Blocks { get; }

    public int UsedBlocks => Blocks - _free.Count;

    public long ResidentBytes => UsedBlocks * BlockBytes;

    public long CopiedPositions { get; private set; }

    public int Cost(int sequences, int shared, int length)
    {
        if (length > _context) return int.MaxValue;
        int together = int.Min(shared, length) / PageTokens;
        return together + (sequences * (PagesOf(length) - together));
    }

    public int Open(bool isBrief)
    {
        int sequence = Array.IndexOf(_pages, null);
        if (sequence < 0) throw new InvalidOperationException("All sequences are open.");
        _pages[sequence] = [];
        _length[sequence] = 0;
        return sequence;
    }

    public int Length(int sequence) => _length[sequence];

    /// <summary>What a position holds.</summary>
    public ref int MarkAt(int sequence, int position) => ref _marks[PagesAt(sequence)[position / PageTokens]][position % PageTokens];

    public IKvReservation? TryReserve(ForwardPass pass)
    {
        int needed = 0;
        foreach (PassEntry entry in pass.Entries)
        {
            List<int> pages = PagesAt(entry.Sequence);
            if (entry.Start + entry.Count > _context) return null;
            needed += PagesOf(entry.Start + entry.Count) - pages.Count;
            if (entry.Start % PageTokens == 0 || _owners[pages[^1]] - _leaving[pages[^1]] == 1) continue;
            _leaving[pages[^1]]++;
            needed++;
        }
        Array.Clear(_leaving);
        if (needed > _free.Count) return null;
        foreach (PassEntry entry in pass.Entries) Extend(entry.Sequence, entry.Start + entry.Count);
        return _reservation.Take(pass);
    }

    public void Truncate(int sequence, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length[sequence]);
        _length[sequence] = length;
        Trim(sequence);
    }

    public int? TryFork(int source)
    {
        int fork = Open(isBrief: true);
        TryRefork(source, fork, common: 0);
        return fork;
    }

    public bool TryRefork(int source, int target, int common)
    {
        Truncate(target, 0);
        PagesAt(target).AddRange(PagesAt(source));
        foreach (int page in PagesAt(source)) _owners[page]++;
        _length[target] = _length[source];
        return true;
    }

    public void Drop(int sequence)
    {
        Truncate(sequence, 0);
        _pages[sequence] = null;
    }

    public KvSnapshot Save(int sequence, int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from + count, _length[sequence]);
        KvSnapshot snapshot = new(_layout, count);
        for (int i = 0; i < count; i++) ((int*)snapshot.Address)[i] = MarkAt(sequence, from + i);
        CopiedPositions += count;
        return snapshot;
    }

    public bool TryRestore(KvSnapshot snapshot, int sequence, int count)
    {
        int at = _length[sequence];
        List<int> pages = PagesAt(sequence);
        int copies = at % PageTokens != 0 && _owners[pages[^1]] > 1 ? 1 : 0;
        if (at + count > _context || PagesOf(at + count) - pages.Count + copies > _free.Count) return false;
        Extend(sequence, at + count);
        for (int i = 0; i < count; i++) MarkAt(sequence, at + i) = ((int*)snapshot.Address)[i];
        _length[sequence] = at + count;
        CopiedPositions += count;
        return true;
    }

    private static int PagesOf(int length) => (length + PageTokens - 1) / PageTokens;

    private List<int> PagesAt(int sequence) => _pages[sequence] ?? throw new InvalidOperationException($"Sequence {sequence} is not open.");

    /// <summary>Gives a sequence pages of its own behind its length.</summary>
    private void Extend(int sequence, int length)
    {
        List<int> pages = PagesAt(sequence);
        if (_length[sequence] % PageTokens != 0 && _owners[pages[^1]] > 1)
        {
            int copy = NewPage();
            _marks[pages[^1]].CopyTo(_marks[copy], 0);
            _owners[pages[^1]]--;
            pages[^1] = copy;
            CopiedPositions += _length[sequence] % PageTokens;
        }
        while (pages.Count < PagesOf(length)) pages.Add(NewPage());
    }

    private int NewPage()
    {
        int page = _free.Pop();
        _owners[page] = 1;
        return page;
    }

    /// <summary>Gives back what lies behind a sequence's length.</summary>
    private void Trim(int sequence)
    {
        List<int> pages = PagesAt(sequence);
        while (pages.Count > PagesOf(_length[sequence]))
        {
            if (--_owners[pages[^1]] == 0) _free.Push(pages[^1]);
            pages.RemoveAt(pages.Count - 1);
        }
    }

    private sealed class Reservation(PagedKvCache cache) : IKvReservation
    {
        private readonly List<(int Sequence, int Length)> _taken = [];

        public Reservation Take(ForwardPass pass)
        {
            if (_taken.Count > 0) throw new InvalidOperationException("A reservation is open already.");
            foreach (PassEntry entry in pass.Entries) _taken.Add((entry.Sequence, entry.Start + entry.Count));
            return this;
        }

        public void Commit()
        {
            foreach ((int sequence, int length) in _taken) cache._length[sequence] = length;
            _taken.Clear();
        }

        public void Dispose()
        {
            foreach ((int sequence, _) in _taken) cache.Trim(sequence);
            _taken.Clear();
        }
    }
}
