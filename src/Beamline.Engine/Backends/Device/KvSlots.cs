using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends.Devices;

namespace Beamline.Engine.Backends.Device;

/// <summary>
/// Keys and values in a device's memory: for each layer two buffers <c>[slots, heads, capacity, head size]</c>, which the graph reads
/// and extends in place.
/// </summary>
internal sealed class KvSlots : IDisposable
{
    private readonly IExecutionDevice _device;
    private readonly KvLayout _layout;
    private readonly int _capacity;
    private readonly nint[] _buffers;
    private readonly StridedCopy[] _copies;
    private nint _spare;

    /// <summary>Takes the memory.</summary>
    /// <exception cref="OutOfMemoryException">The device has not enough.</exception>
    public KvSlots(IExecutionDevice device, KvLayout layout, SlotSizes sizes)
    {
        (_device, _layout, _capacity) = (device, layout, sizes.Capacity);
        _buffers = new nint[2 * layout.Layers.Length];
        _copies = new StridedCopy[3 * _buffers.Length];
        try
        {
            long largest = 0;
            for (int i = 0; i < _buffers.Length; i++)
            {
                long row = RowBytes(i / 2);
                _buffers[i] = device.Allocate(row * sizes.Slots);
                Bytes += row * sizes.Slots;
                largest = long.Max(largest, row);
            }
            _spare = device.Allocate(largest);
            Bytes += largest;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes taken.</summary>
    public long Bytes { get; }

    /// <summary>Bytes of one slot of one of a layer's buffers.</summary>
    public long RowBytes(int layer) => HeadBytes(layer) * _layout.Layers[layer].Heads;

    /// <summary>Address of a layer's keys at a slot.</summary>
    public nint Keys(int layer, int slot) => _buffers[2 * layer] + (nint)(slot * RowBytes(layer));

    /// <summary>Address of a layer's values at a slot.</summary>
    public nint Values(int layer, int slot) => _buffers[2 * layer + 1] + (nint)(slot * RowBytes(layer));

    /// <summary>Copies positions <paramref name="from"/> to <paramref name="to"/> - 1 from one slot to another.</summary>
    public void Copy(int source, int target, int from, int to)
    {
        if (from >= to) return;
        int count = 0;
        for (int i = 0; i < _buffers.Length; i++)
        {
            nint first = (nint)(from * PositionBytes(i / 2));
            _copies[count++] = Rows(i, At(i, source) + first, At(i, target) + first, to - from);
        }
        _device.Copy(CopyDirection.Within, _copies.AsSpan(0, count));
    }

    /// <summary>Exchanges what two slots hold.</summary>
    /// <param name="a">A slot.</param>
    /// <param name="lengthA">Its positions; 1 or more.</param>
    /// <param name="b">Another.</param>
    /// <param name="lengthB">Its positions; 1 or more.</param>
    public void Swap(int a, int lengthA, int b, int lengthB)
    {
        int count = 0;
        for (int i = 0; i < _buffers.Length; i++)
        {
            _copies[count++] = Rows(i, At(i, a), _spare, lengthA);
            _copies[count++] = Rows(i, At(i, b), At(i, a), lengthB);
            _copies[count++] = Rows(i, _spare, At(i, b), lengthA);
        }
        _device.Copy(CopyDirection.Within, _copies.AsSpan(0, count));
    }

    /// <summary>Copies positions of a slot out, from <paramref name="from"/> on as many as the snapshot holds.</summary>
    public void Save(int slot, int from, KvSnapshot snapshot) =>
        Transfer(CopyDirection.Download, slot, from, snapshot, snapshot.Count);

    /// <summary>Copies the first positions of a snapshot into a slot.</summary>
    public void Restore(KvSnapshot snapshot, int slot, int from, int count) =>
        Transfer(CopyDirection.Upload, slot, from, snapshot, count);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ref nint buffer in _buffers.AsSpan())
        {
            _device.Free(buffer);
            buffer = 0;
        }
        _device.Free(_spare);
        _spare = 0;
    }

    private void Transfer(CopyDirection direction, int slot, int from, KvSnapshot snapshot, int count)
    {
        nint packed = snapshot.Address;
        for (int i = 0; i < _buffers.Length; i++)
        {
            int layer = i / 2, heads = _layout.Layers[layer].Heads;
            long position = PositionBytes(layer), packedHead = position * snapshot.Count;
            nint pooled = At(i, slot) + (nint)(from * position);
            _copies[i] = direction == CopyDirection.Upload
                ? new(packed, packedHead, pooled, HeadBytes(layer), position * count, heads)
                : new(pooled, HeadBytes(layer), packed, packedHead, position * count, heads);
            packed += (nint)(packedHead * heads);
        }
        _device.Copy(direction, _copies.AsSpan(0, _buffers.Length));
    }

    // Leading positions of every head, from one slot's place to another's.
    private StridedCopy Rows(int buffer, nint source, nint target, int positions)
    {
        int layer = buffer / 2;
        long pitch = HeadBytes(layer);
        return new(source, pitch, target, pitch, positions * PositionBytes(layer), _layout.Layers[layer].Heads);
    }

    private nint At(int buffer, int slot) => _buffers[buffer] + (nint)(slot * RowBytes(buffer / 2));

    private long PositionBytes(int layer) => (long)_layout.Layers[layer].HeadSize * _layout.ElementBytes;

    private long HeadBytes(int layer) => PositionBytes(layer) * _capacity;
}
