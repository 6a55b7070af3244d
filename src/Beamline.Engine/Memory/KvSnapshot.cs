using System.Runtime.InteropServices;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Memory;

/// <summary>Keys and values of the first positions of one row, packed, outside the pool.</summary>
public sealed unsafe class KvSnapshot : IDisposable
{
    /// <summary>Takes memory for a snapshot.</summary>
    /// <param name="model">Gives the sizes.</param>
    /// <param name="length">Positions; 1 or more.</param>
    internal KvSnapshot(ModelDescription model, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Length = length;
        Bytes = model.KvBytesPerPosition * length;
        Address = (nint)NativeMemory.Alloc((nuint)Bytes);
    }

    /// <summary>Positions held.</summary>
    public int Length { get; }

    /// <summary>Bytes held.</summary>
    public long Bytes { get; }

    internal nint Address { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free((void*)Address);
        Address = 0;
        GC.SuppressFinalize(this);
    }
}
