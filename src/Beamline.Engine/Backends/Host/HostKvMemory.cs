using System.Runtime.InteropServices;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Backends.Host;

/// <summary>
/// Keys and values of all slots: for each layer two buffers <c>[slots, heads, capacity, head size]</c>, which the graph reads and extends
/// in place. Only blocks that are in use take memory.
/// </summary>
internal sealed unsafe class HostKvMemory : IDisposable
{
    private readonly KvBuffer[] _buffers;

    /// <summary>Takes the address space.</summary>
    /// <param name="layout">Gives layers and heads.</param>
    /// <param name="slots">Sequences side by side.</param>
    /// <param name="context">Positions of a slot at least.</param>
    /// <exception cref="OutOfMemoryException">There is no address space.</exception>
    public HostKvMemory(KvLayout layout, int slots, int context)
    {
        Layout = layout;
        Slots = slots;
        BlockTokens = TokensOfBlock(layout);
        Capacity = (context + BlockTokens - 1) / BlockTokens * BlockTokens;
        _buffers = new KvBuffer[2 * layout.Layers.Length];
        try
        {
            for (int i = 0; i < _buffers.Length; i++)
            {
                _buffers[i] = new(layout.Layers[i / 2], slots, Capacity, layout.ElementBytes);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What a position consists of.</summary>
    public KvLayout Layout { get; }

    /// <summary>Sequences side by side.</summary>
    public int Slots { get; }

    /// <summary>Positions of a slot.</summary>
    public int Capacity { get; }

    /// <summary>Positions of a block.</summary>
    public int BlockTokens { get; }

    /// <summary>Positions copied so far.</summary>
    public long CopiedPositions { get; private set; }

    /// <summary>The fewest positions, at least 16, whose keys of one head fill whole pages, whatever the layer.</summary>
    public static int TokensOfBlock(KvLayout layout)
    {
        int tokens = 16;
        foreach (KvLayer layer in layout.Layers)
        {
            // The page size is a power of two, so the largest of these is a multiple of the others.
            int bytes = layer.HeadSize * layout.ElementBytes;
            int share = int.Min(PagedMemory.PageSize, bytes & -bytes);
            tokens = int.Max(tokens, PagedMemory.PageSize / share);
        }
        return tokens;
    }

    /// <summary>Address of a layer's keys at a slot.</summary>
    public nint Keys(int layer, int slot) => _buffers[2 * layer].At(slot);

    /// <summary>Address of a layer's values at a slot.</summary>
    public nint Values(int layer, int slot) => _buffers[(2 * layer) + 1].At(slot);

    /// <summary>Bytes of one slot of a layer's keys, or values.</summary>
    public long SlotBytes(int layer) => _buffers[2 * layer].SlotBytes;

    /// <summary>Says that blocks <paramref name="from"/> to <paramref name="to"/> - 1 of a slot are going to be used.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory for them.</exception>
    public void Use(int slot, int from, int to)
    {
        foreach (KvBuffer buffer in _buffers) buffer.Use(slot, from * BlockTokens, to * BlockTokens);
    }

    /// <summary>Gives the memory of blocks <paramref name="from"/> to <paramref name="to"/> - 1 of a slot back.</summary>
    public void GiveBack(int slot, int from, int to)
    {
        foreach (KvBuffer buffer in _buffers) buffer.GiveBack(slot, from * BlockTokens, to * BlockTokens);
    }

    /// <summary>Copies positions <paramref name="from"/> to <paramref name="to"/> - 1 of all layers from one slot to another.</summary>
    public void Copy(int source, int target, int from, int to)
    {
        if (from >= to) return;
        foreach (KvBuffer buffer in _buffers) buffer.Copy(source, target, from, to - from);
        CopiedPositions += to - from;
    }

    /// <summary>Copies positions of a slot into a snapshot.</summary>
    public void Save(int slot, int from, KvSnapshot snapshot)
    {
        byte* packed = (byte*)snapshot.Address;
        foreach (KvBuffer buffer in _buffers) packed = buffer.Save(slot, from, snapshot.Count, packed);
        CopiedPositions += snapshot.Count;
    }

    /// <summary>Copies the first positions of a snapshot into a slot.</summary>
    public void Restore(KvSnapshot snapshot, int slot, int at, int count)
    {
        byte* packed = (byte*)snapshot.Address;
        foreach (KvBuffer buffer in _buffers) packed = buffer.Restore(slot, at, count, packed, snapshot.Count);
        CopiedPositions += count;
    }

    /// <summary>Linux: bytes that are in memory now, as the system tells.</summary>
    public long CountResident() => _buffers.Sum(buffer => buffer.CountResident());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KvBuffer? buffer in _buffers) buffer?.Dispose();
    }

    /// <summary>The keys, or the values, of one layer.</summary>
    private sealed class KvBuffer(KvLayer layer, int slots, int capacity, int elementBytes) : IDisposable
    {
        private readonly nint _position = layer.HeadSize * elementBytes;
        private readonly nint _head = (nint)layer.HeadSize * elementBytes * capacity;
        private readonly PagedMemory _memory = new((long)layer.HeadSize * elementBytes * capacity * layer.Heads * slots);

        public long SlotBytes => _head * layer.Heads;

        public nint At(int slot) => _memory.Address + Offset(slot, 0, 0);

        public void Use(int slot, int from, int to)
        {
            for (int head = 0; head < layer.Heads; head++) _memory.Use(Offset(slot, head, from), (to - from) * _position);
        }

        public void GiveBack(int slot, int from, int to)
        {
            if (from == 0 && to == capacity) _memory.GiveBack(Offset(slot, 0, 0), _head * layer.Heads);
            else for (int head = 0; head < layer.Heads; head++) _memory.GiveBack(Offset(slot, head, from), (to - from) * _position);
        }

        public void Copy(int source, int target, int from, int count)
        {
            for (int head = 0; head < layer.Heads; head++) CopyBytes(Pointer(source, head, from), Pointer(target, head, from), count);
        }

        public byte* Save(int slot, int from, int count, byte* packed)
        {
            for (int head = 0; head < layer.Heads; head++, packed += count * _position)
            {
                CopyBytes(Pointer(slot, head, from), packed, count);
            }
            return packed;
        }

        public byte* Restore(int slot, int at, int count, byte* packed, int packedCount)
        {
            for (int head = 0; head < layer.Heads; head++, packed += packedCount * _position)
            {
                CopyBytes(packed, Pointer(slot, head, at), count);
            }
            return packed;
        }

        public long CountResident() => _memory.CountResident();

        public void Dispose() => _memory.Dispose();

        private nint Offset(int slot, int head, int position) =>
            (((nint)slot * layer.Heads) + head) * _head + (position * _position);

        private byte* Pointer(int slot, int head, int position) => (byte*)_memory.Address + Offset(slot, head, position);

        private void CopyBytes(byte* source, byte* target, int count) => NativeMemory.Copy(source, target, (nuint)(count * _position));
    }
}
