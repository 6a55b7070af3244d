using System.Runtime.InteropServices;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Memory;

/// <summary>
/// Keys and values of all rows: for each layer two buffers <c>[rows, kv heads, context, head size]</c> in fp32, which the graph reads and
/// extends in place. Address space is reserved for all rows at full length; pages that no position was written to take no memory.
/// </summary>
/// <remarks>Owned by the engine thread.</remarks>
public sealed unsafe class KvPool : IDisposable
{
    private const int Alignment = 64;
    private readonly nint[] _allocations;
    private readonly nint[] _buffers;
    private readonly long _rowFloats;
    private readonly long _headFloats;

    /// <summary>Reserves the buffers.</summary>
    /// <param name="model">Gives layers, heads, head size and context.</param>
    /// <param name="rows">Rows of the batch; 1 or more.</param>
    /// <exception cref="OutOfMemoryException">The address space cannot be had.</exception>
    public KvPool(ModelDescription model, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        Model = model;
        Rows = rows;
        _headFloats = (long)model.ContextLength * model.HeadSize;
        _rowFloats = _headFloats * model.KvHeads;
        BufferBytes = _rowFloats * rows * sizeof(float);
        _allocations = new nint[2 * model.Layers];
        _buffers = new nint[2 * model.Layers];
        try
        {
            for (int i = 0; i < _allocations.Length; i++)
            {
                // Zeroed memory of this size comes straight from the kernel, page by page on first touch.
                _allocations[i] = (nint)NativeMemory.AllocZeroed((nuint)(BufferBytes + Alignment));
                _buffers[i] = (_allocations[i] + Alignment - 1) & ~(nint)(Alignment - 1);
            }
        }
        catch (OutOfMemoryException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model whose sizes the buffers have.</summary>
    public ModelDescription Model { get; }

    /// <summary>Rows of the buffers.</summary>
    public int Rows { get; }

    /// <summary>Bytes of one buffer.</summary>
    public long BufferBytes { get; }

    /// <summary>Bytes of one row of one buffer.</summary>
    public long RowBytes => _rowFloats * sizeof(float);

    /// <summary>Positions copied so far, for the record.</summary>
    public long CopiedPositions { get; private set; }

    /// <summary>Address of a layer's keys at a row.</summary>
    public nint Keys(int layer, int row) => _buffers[2 * layer] + (nint)(row * RowBytes);

    /// <summary>Address of a layer's values at a row.</summary>
    public nint Values(int layer, int row) => _buffers[2 * layer + 1] + (nint)(row * RowBytes);

    /// <summary>Copies positions <paramref name="from"/> to <paramref name="to"/> - 1 of all layers from one row to another.</summary>
    public void Copy(int source, int target, int from, int to)
    {
        if (from >= to) return;
        CheckRow(source);
        CheckRow(target);
        CheckLength(to);
        nuint bytes = (nuint)((to - from) * Model.HeadSize * sizeof(float));
        foreach (nint buffer in _buffers)
        {
            float* read = (float*)buffer + source * _rowFloats + (long)from * Model.HeadSize;
            float* write = (float*)buffer + target * _rowFloats + (long)from * Model.HeadSize;
            for (int head = 0; head < Model.KvHeads; head++, read += _headFloats, write += _headFloats)
            {
                NativeMemory.Copy(read, write, bytes);
            }
        }
        CopiedPositions += to - from;
    }

    /// <summary>Copies the first positions of a row out of the pool.</summary>
    /// <param name="row">The row.</param>
    /// <param name="length">Positions; 1 or more.</param>
    public KvSnapshot Save(int row, int length)
    {
        CheckRow(row);
        CheckLength(length);
        KvSnapshot snapshot = new(Model, length);
        Transfer(row, length, snapshot, restore: false);
        return snapshot;
    }

    /// <summary>Copies the first positions of a snapshot into a row.</summary>
    /// <param name="snapshot">Made by a pool of the same model.</param>
    /// <param name="row">The row.</param>
    /// <param name="length">Positions; at most those of the snapshot.</param>
    public void Restore(KvSnapshot snapshot, int row, int length)
    {
        CheckRow(row);
        CheckLength(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, snapshot.Length);
        Transfer(row, length, snapshot, restore: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _allocations.Length; i++)
        {
            NativeMemory.Free((void*)_allocations[i]);
            _allocations[i] = _buffers[i] = 0;
        }
        GC.SuppressFinalize(this);
    }

    private void Transfer(int row, int length, KvSnapshot snapshot, bool restore)
    {
        nuint bytes = (nuint)(length * Model.HeadSize * sizeof(float));
        float* packed = (float*)snapshot.Address;
        long packedHead = (long)snapshot.Length * Model.HeadSize;
        foreach (nint buffer in _buffers)
        {
            float* pooled = (float*)buffer + row * _rowFloats;
            for (int head = 0; head < Model.KvHeads; head++, pooled += _headFloats, packed += packedHead)
            {
                if (restore) NativeMemory.Copy(packed, pooled, bytes);
                else NativeMemory.Copy(pooled, packed, bytes);
            }
        }
        CopiedPositions += length;
    }

    private void CheckRow(int row) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));

    private void CheckLength(int length) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Model.ContextLength, nameof(length));
}
