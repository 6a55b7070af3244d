using System.Runtime.InteropServices;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Backends;

/// <summary>
/// Keys and values of some consecutive positions of one sequence, packed, in memory of the host: for each layer the keys, then the values,
/// head after head, position after position.
/// </summary>
public sealed unsafe class KvSnapshot : IDisposable
{
    /// <summary>Takes memory for a snapshot.</summary>
    /// <param name="layout">Gives the sizes.</param>
    /// <param name="count">Positions; 1 or more.</param>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public KvSnapshot(KvLayout layout, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        Bytes = layout.BytesPerPosition * count;
        Address = (nint)NativeMemory.Alloc((nuint)Bytes);
    }

    /// <summary>Positions held.</summary>
    public int Count { get; }

    /// <summary>Bytes held.</summary>
    public long Bytes { get; }

    /// <summary>Where they lie; 0 when disposed.</summary>
    public nint Address { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free((void*)Address);
        Address = 0;
        GC.SuppressFinalize(this);
    }
}
