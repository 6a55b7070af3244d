using System.Diagnostics;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Backends.Host;

/// <summary>
/// Keys and values in the host's memory, each sequence in one piece, as the operator wants them: a decode pass runs over the first slots of
/// the buffers, prompts side by side over consecutive ones. Sequences move when a pass needs them elsewhere, not before.
/// </summary>
internal sealed class HostKvCache : IKvCache, IDisposable
{
    private readonly HostKvMemory _memory;
    private readonly SlotTable _slots;
    private readonly int[] _slotOf;
    private readonly int[] _length;
    private readonly Reservation _reservation;

    /// <summary>Takes address space for so many sequences.</summary>
    /// <param name="layout">What a position consists of.</param>
    /// <param name="context">Positions of a sequence at most.</param>
    /// <param name="sequences">Sequences at once; 1 or more.</param>
    /// <param name="bytes">Memory at most; one block is always there.</param>
    /// <exception cref="OutOfMemoryException">There is no address space.</exception>
    public HostKvCache(KvLayout layout, int context, int sequences, long bytes)
    {
        BlockTokens = HostKvMemory.TokensOfBlock(layout);
        BlockBytes = layout.BytesPerPosition * BlockTokens;
        Blocks = (int)long.Clamp(bytes / BlockBytes, 1, (long)sequences * BlocksOf(context));
        // Twice the slots: prompts find consecutive ones behind those that decode. Address space costs nothing.
        _memory = new HostKvMemory(layout, 2 * sequences, context);
        _slots = new SlotTable(_memory, Blocks);
        _slotOf = [.. Enumerable.Repeat(-1, sequences)];
        _length = new int[sequences];
        _reservation = new Reservation(this, sequences);
    }

    /// <summary>The buffers.</summary>
    public HostKvMemory Memory => _memory;

    /// <inheritdoc/>
    public int BlockTokens { get; }

    /// <inheritdoc/>
    public long BlockBytes { get; }

    /// <inheritdoc/>
    public int Blocks { get; }

    /// <inheritdoc/>
    public int UsedBlocks => _slots.Held;

    /// <inheritdoc/>
    public long ResidentBytes => _slots.Touched * BlockBytes;

    /// <inheritdoc/>
    public long CopiedPositions => _memory.CopiedPositions;

    /// <inheritdoc/>
    public int Cost(int sequences, int shared, int length) =>
        length > _memory.Capacity ? int.MaxValue : checked(sequences * BlocksOf(length));

    /// <inheritdoc/>
    public int Open(bool isBrief)
    {
        int sequence = Array.IndexOf(_slotOf, -1);
        if (sequence < 0) throw new InvalidOperationException($"All {_slotOf.Length} sequences are open.");
        int slot = _slots.FindFree(lowest: isBrief);
        _slots.Take(slot, sequence);
        _slotOf[sequence] = slot;
        _length[sequence] = 0;
        return sequence;
    }

    /// <inheritdoc/>
    public int Length(int sequence) => _length[sequence];

    /// <summary>Where a sequence lies.</summary>
    public int SlotOf(int sequence) => _slotOf[sequence];

    /// <inheritdoc/>
    public IKvReservation? TryReserve(ForwardPass pass)
    {
        int width = pass.Width, needed = 0;
        foreach (PassEntry entry in pass.Entries)
        {
            Debug.Assert(entry.Start == _length[entry.Sequence], "a pass goes on where its sequences end");
            int length = entry.Start + width;
            if (length > _memory.Capacity) return null;
            needed += int.Max(0, BlocksOf(length) - HeldBy(entry.Sequence));
        }
        if (UsedBlocks + needed > Blocks) return null;
        if (pass.Entries.Length > 1)
        {
            if (pass.IsDecode) Gather(pass.Entries);
            else if (!TryLineUp(pass.Entries)) return null;
        }
        return _reservation.Take(pass);
    }

    /// <inheritdoc/>
    public void Truncate(int sequence, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length[sequence], nameof(length));
        _length[sequence] = length;
        _slots.Hold(_slotOf[sequence], BlocksOf(length));
    }

    /// <inheritdoc/>
    public int? TryFork(int source)
    {
        if (UsedBlocks + HeldBy(source) > Blocks) return null;
        int fork = Open(isBrief: true);
        if (TryRefork(source, fork, common: 0)) return fork;
        Drop(fork);
        return null;
    }

    /// <inheritdoc/>
    public bool TryRefork(int source, int target, int common)
    {
        int length = _length[source], blocks = BlocksOf(length);
        if (UsedBlocks + blocks - HeldBy(target) > Blocks) return false;
        _slots.Hold(_slotOf[target], blocks);
        _memory.Copy(_slotOf[source], _slotOf[target], int.Min(common, _length[target]), length);
        _length[target] = length;
        return true;
    }

    /// <inheritdoc/>
    public void Drop(int sequence)
    {
        _slots.Leave(_slotOf[sequence]);
        _slotOf[sequence] = -1;
        _length[sequence] = 0;
    }

    /// <inheritdoc/>
    public KvSnapshot Save(int sequence, int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from + count, _length[sequence], nameof(count));
        KvSnapshot snapshot = new(_memory.Layout, count);
        _memory.Save(_slotOf[sequence], from, snapshot);
        return snapshot;
    }

    /// <inheritdoc/>
    public bool TryRestore(KvSnapshot snapshot, int sequence, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, snapshot.Count);
        int at = _length[sequence], blocks = BlocksOf(at + count);
        if (at + count > _memory.Capacity || UsedBlocks + blocks - HeldBy(sequence) > Blocks) return false;
        _slots.Hold(_slotOf[sequence], blocks);
        _memory.Restore(snapshot, _slotOf[sequence], at, count);
        _length[sequence] = at + count;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private int BlocksOf(int length) => (length + BlockTokens - 1) / BlockTokens;

    private int HeldBy(int sequence) => _slots.HeldAt(_slotOf[sequence]);

    /// <summary>Brings the sequences of a pass into the first slots, in any order; those that are there already stay.</summary>
    private void Gather(ReadOnlySpan<PassEntry> entries)
    {
        int count = entries.Length, gap = 0;
        foreach (PassEntry entry in entries)
        {
            if (_slotOf[entry.Sequence] < count) continue;
            while (IsIn(entries, _slots.SequenceAt(gap))) gap++;
            // Another's place: it stands aside, behind all that decode.
            if (!_slots.IsFree(gap)) Move(_slots.SequenceAt(gap), _slots.FindFree(lowest: true, from: count));
            Move(entry.Sequence, gap);
        }
    }

    /// <summary>Brings empty sequences into consecutive slots, in their order; being empty, they only change their numbers.</summary>
    private bool TryLineUp(ReadOnlySpan<PassEntry> entries)
    {
        foreach (PassEntry entry in entries)
        {
            Debug.Assert(entry.Start == 0, "prompts stand side by side only from their start");
            _slots.Leave(_slotOf[entry.Sequence]);
        }
        int first = FindRun(entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            int sequence = entries[i].Sequence;
            if (first >= 0) _slotOf[sequence] = first + i;
            _slots.Take(_slotOf[sequence], sequence);
        }
        return first >= 0;
    }

    private int FindRun(int count)
    {
        for (int slot = 0, run = 0; slot < _memory.Slots; slot++)
        {
            run = _slots.IsFree(slot) ? run + 1 : 0;
            if (run == count) return slot - count + 1;
        }
        return -1;
    }

    private void Move(int sequence, int slot)
    {
        _slots.Move(_slotOf[sequence], slot, _length[sequence]);
        _slotOf[sequence] = slot;
    }

    private static bool IsIn(ReadOnlySpan<PassEntry> entries, int sequence)
    {
        foreach (PassEntry entry in entries)
        {
            if (entry.Sequence == sequence) return true;
        }
        return false;
    }

    /// <summary>The one reservation that can be open.</summary>
    private sealed class Reservation(HostKvCache cache, int sequences) : IKvReservation
    {
        private readonly (int Sequence, int Length)[] _taken = new (int, int)[sequences];
        private int _count;

        public Reservation Take(ForwardPass pass)
        {
            if (_count > 0) throw new InvalidOperationException("A reservation is open already.");
            try
            {
                foreach (PassEntry entry in pass.Entries)
                {
                    _taken[_count++] = (entry.Sequence, entry.Start + entry.Count);
                    cache._slots.Hold(cache._slotOf[entry.Sequence], cache.BlocksOf(entry.Start + pass.Width));
                }
            }
            catch
            {
                Dispose();
                throw;
            }
            return this;
        }

        public void Commit()
        {
            for (int i = 0; i < _count; i++) cache._length[_taken[i].Sequence] = _taken[i].Length;
            Dispose();
        }

        /// <summary>What lies behind the lengths goes: all of it without a commit, the padding after one.</summary>
        public void Dispose()
        {
            while (_count > 0)
            {
                int sequence = _taken[--_count].Sequence;
                cache._slots.Hold(cache._slotOf[sequence], cache.BlocksOf(cache._length[sequence]));
            }
        }
    }
}
