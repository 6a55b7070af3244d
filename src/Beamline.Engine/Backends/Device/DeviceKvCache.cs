using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends.Devices;

namespace Beamline.Engine.Backends.Device;

/// <summary>
/// Sequences in slots of a device's memory, one a slot. A pass takes consecutive slots, those that decode the first ones, so sequences
/// change their slots when a pass is reserved.
/// </summary>
/// <remarks>
/// All memory is there from the start: what can be lacking is the room of a slot, never that of all together. A fork is a copy.
/// </remarks>
public sealed class DeviceKvCache : IKvCache, IDisposable
{
    private const int None = -1;

    private readonly KvLayout _layout;
    private readonly SlotSizes _sizes;
    private readonly KvSlots _slots;
    private readonly int[] _slotOf;         // by sequence; none when it is closed
    private readonly int[] _sequenceIn;     // by slot; none when it is free
    private readonly int[] _lengths;        // by sequence
    private readonly bool[] _isInPass;      // by sequence
    private readonly Reservation _reservation;

    /// <summary>Takes the memory.</summary>
    /// <exception cref="OutOfMemoryException">The device has not enough.</exception>
    internal DeviceKvCache(IExecutionDevice device, KvLayout layout, SlotSizes sizes)
    {
        (_layout, _sizes) = (layout, sizes);
        _slots = new KvSlots(device, layout, sizes);
        _slotOf = new int[sizes.Slots];
        _sequenceIn = new int[sizes.Slots];
        _slotOf.AsSpan().Fill(None);
        _sequenceIn.AsSpan().Fill(None);
        _lengths = new int[sizes.Slots];
        _isInPass = new bool[sizes.Slots];
        _reservation = new Reservation(this, sizes.Slots);
    }

    /// <inheritdoc/>
    public int BlockTokens => SlotSizes.BlockTokens;

    /// <inheritdoc/>
    public long BlockBytes => _layout.BytesPerPosition * SlotSizes.BlockTokens;

    /// <inheritdoc/>
    public int Blocks => _sizes.Slots * _sizes.SlotBlocks;

    /// <inheritdoc/>
    public int UsedBlocks { get; private set; }

    /// <inheritdoc/>
    public long ResidentBytes => _slots.Bytes;

    /// <inheritdoc/>
    public long CopiedPositions { get; private set; }

    /// <summary>Positions a sequence has room for.</summary>
    public int Capacity => _sizes.Capacity;

    /// <summary>The memory of the sequences.</summary>
    internal KvSlots Slots => _slots;

    /// <summary>The first slot of the last pass that was reserved; its sequences lie in this and the following ones.</summary>
    internal int FirstSlot { get; private set; }

    /// <inheritdoc/>
    /// <remarks>More than there are when one of them would not fit into a slot, so that nobody waits for it.</remarks>
    public int Cost(int sequences, int shared, int length) =>
        length > Capacity ? Blocks + 1 : (int)long.Min((long)sequences * SlotSizes.BlocksOf(length), int.MaxValue);

    /// <inheritdoc/>
    public int Open(bool isBrief)
    {
        int sequence = _slotOf.AsSpan().IndexOf(None);
        if (sequence < 0) throw new InvalidOperationException($"All {_slotOf.Length} sequences are open.");
        // Decoding wants the first slots; what stands aside is out of its way at the end.
        Place(sequence, isBrief ? _sequenceIn.AsSpan().IndexOf(None) : _sequenceIn.AsSpan().LastIndexOf(None));
        return sequence;
    }

    /// <inheritdoc/>
    public int Length(int sequence)
    {
        CheckOpen(sequence);
        return _lengths[sequence];
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The pass does not go on where its sequences end, or it is of a form that cannot be run.
    /// </exception>
    public IKvReservation? TryReserve(ForwardPass pass)
    {
        if (_reservation.IsHeld) throw new InvalidOperationException("Another pass is reserved.");
        ReadOnlySpan<PassEntry> entries = pass.Entries;
        if (entries.IsEmpty) throw new ArgumentException("The pass is empty.", nameof(pass));
        foreach (PassEntry entry in entries)
        {
            if (entry.Start != Length(entry.Sequence))
            {
                throw new ArgumentException(
                    $"Sequence {entry.Sequence} holds {Length(entry.Sequence)} positions, not {entry.Start}.", nameof(pass));
            }
            if (entries.Length > 1 && !pass.IsDecode && entry.Start > 0)
            {
                throw new ArgumentException(
                    $"Sequence {entry.Sequence} goes on behind a past, so it needs a pass of its own.", nameof(pass));
            }
            if (entry.Start + entry.Count > Capacity) return null;
        }
        Arrange(entries, pass.IsDecode);
        _reservation.Take(entries);
        return _reservation;
    }

    /// <inheritdoc/>
    public void Truncate(int sequence, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length(sequence), nameof(length));
        SetLength(sequence, length);
    }

    /// <inheritdoc/>
    public int? TryFork(int source)
    {
        int length = Length(source);
        if (!_slotOf.AsSpan().Contains(None)) return null;
        int sequence = Open(isBrief: true);
        Copy(source, sequence, 0, length);
        SetLength(sequence, length);
        return sequence;
    }

    /// <inheritdoc/>
    public bool TryRefork(int source, int target, int common)
    {
        int length = Length(source);
        int kept = int.Min(common, Length(target));
        Copy(source, target, kept, length);
        SetLength(target, length);
        return true;
    }

    /// <inheritdoc/>
    public void Drop(int sequence)
    {
        CheckOpen(sequence);
        SetLength(sequence, 0);
        _sequenceIn[_slotOf[sequence]] = None;
        _slotOf[sequence] = None;
    }

    /// <inheritdoc/>
    public KvSnapshot Save(int sequence, int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)from + count, (long)Length(sequence), nameof(count));
        KvSnapshot snapshot = new(_layout, count);
        try
        {
            _slots.Save(_slotOf[sequence], from, snapshot);
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
        CopiedPositions += count;
        return snapshot;
    }

    /// <inheritdoc/>
    public bool TryRestore(KvSnapshot snapshot, int sequence, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, snapshot.Count);
        int length = Length(sequence);
        if (length + count > Capacity) return false;
        if (count == 0) return true;
        _slots.Restore(snapshot, _slotOf[sequence], length, count);
        SetLength(sequence, length + count);
        CopiedPositions += count;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    /// <summary>The slot in which a sequence lies.</summary>
    internal int SlotOf(int sequence)
    {
        CheckOpen(sequence);
        return _slotOf[sequence];
    }

    /// <summary>Moves the sequences of a pass to consecutive slots; in which order they lie there does not matter.</summary>
    private void Arrange(ReadOnlySpan<PassEntry> entries, bool isDecode)
    {
        if (entries.Length == 1)
        {
            FirstSlot = _slotOf[entries[0].Sequence];
            return;
        }
        foreach (PassEntry entry in entries) _isInPass[entry.Sequence] = true;
        try
        {
            FirstSlot = isDecode ? 0 : CheapestStart(entries.Length);
            int place = FirstSlot;
            foreach (PassEntry entry in entries)
            {
                int slot = _slotOf[entry.Sequence];
                if (slot >= FirstSlot && slot < FirstSlot + entries.Length) continue;
                while (_sequenceIn[place] is var other and not None && _isInPass[other]) place++;
                Exchange(slot, place);
            }
        }
        finally
        {
            foreach (PassEntry entry in entries) _isInPass[entry.Sequence] = false;
        }
    }

    // Prompts that begin have nothing to move; what lies between them has.
    private int CheapestStart(int count)
    {
        int best = 0, least = int.MaxValue;
        for (int first = 0; first + count <= _sizes.Slots && least > 0; first++)
        {
            int moved = 0;
            foreach (int sequence in _sequenceIn.AsSpan(first, count)) moved += sequence == None ? 0 : _lengths[sequence];
            if (moved < least) (best, least) = (first, moved);
        }
        return best;
    }

    private void Exchange(int a, int b)
    {
        int inA = _sequenceIn[a], inB = _sequenceIn[b];
        int lengthA = inA == None ? 0 : _lengths[inA], lengthB = inB == None ? 0 : _lengths[inB];
        if (lengthA > 0 && lengthB > 0) _slots.Swap(a, lengthA, b, lengthB);
        else if (lengthA > 0) _slots.Copy(a, b, 0, lengthA);
        else _slots.Copy(b, a, 0, lengthB);
        CopiedPositions += lengthA + lengthB;
        _sequenceIn[a] = _sequenceIn[b] = None;
        if (inA != None) Place(inA, b);
        if (inB != None) Place(inB, a);
    }

    private void Place(int sequence, int slot)
    {
        _slotOf[sequence] = slot;
        _sequenceIn[slot] = sequence;
    }

    private void Copy(int source, int target, int from, int to)
    {
        _slots.Copy(_slotOf[source], _slotOf[target], from, to);
        CopiedPositions += int.Max(0, to - from);
    }

    private void SetLength(int sequence, int length)
    {
        UsedBlocks += SlotSizes.BlocksOf(length) - SlotSizes.BlocksOf(_lengths[sequence]);
        _lengths[sequence] = length;
    }

    private void CheckOpen(int sequence)
    {
        if ((uint)sequence >= (uint)_slotOf.Length || _slotOf[sequence] == None)
        {
            throw new ArgumentOutOfRangeException(nameof(sequence), sequence, "is no open sequence");
        }
    }

    /// <summary>The one reservation that there can be; used again for every pass, so that a pass allocates nothing.</summary>
    private sealed class Reservation(DeviceKvCache cache, int sequences) : IKvReservation
    {
        private readonly (int Sequence, int Length)[] _after = new (int, int)[sequences];
        private int _count, _blocks;

        public bool IsHeld { get; private set; }

        public void Take(ReadOnlySpan<PassEntry> entries)
        {
            _count = _blocks = 0;
            foreach (PassEntry entry in entries)
            {
                _after[_count++] = (entry.Sequence, entry.Start + entry.Count);
                _blocks += SlotSizes.BlocksOf(entry.Start + entry.Count) - SlotSizes.BlocksOf(entry.Start);
            }
            cache.UsedBlocks += _blocks;
            IsHeld = true;
        }

        public void Commit()
        {
            if (!IsHeld) return;
            Dispose();
            foreach ((int sequence, int length) in _after.AsSpan(0, _count)) cache.SetLength(sequence, length);
        }

        public void Dispose()
        {
            if (!IsHeld) return;
            IsHeld = false;
            cache.UsedBlocks -= _blocks;
        }
    }
}
