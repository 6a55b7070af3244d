using System.Buffers;
using System.Runtime.InteropServices;
using Beamline.Models.Weights;

namespace Beamline.Models.Safetensors;

/// <summary>A tensor in a safetensors file. F32, F16 and BF16 are read; the last two are widened exactly.</summary>
internal sealed class SafetensorsTensor(SafetensorsFile file, TensorEntry entry) : IWeightTensor
{
    // Elements read at a time: byte counts fit an int whatever the tensor's size, and what is widened is still in the processor's cache.
    private const int PieceElements = 1 << 18;

    /// <inheritdoc/>
    public string Name => entry.Name;

    /// <inheritdoc/>
    public string File => file.File;

    /// <summary>The element type as the file spells it.</summary>
    public string Type => entry.Type;

    /// <inheritdoc/>
    public IReadOnlyList<long> Shape => entry.Shape;

    /// <inheritdoc/>
    public long Count => entry.Count;

    /// <inheritdoc/>
    public string? Unreadable => SafetensorsType.IsWeight(Type) ? null : $"is stored as {Type}; weights are read from F32, F16 and BF16";

    /// <inheritdoc/>
    public void Read(long start, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + destination.Length, Count, nameof(start));
        if (Unreadable is { } reason) throw new InvalidOperationException($"Tensor {Name} {reason}.");
        for (int done = 0; done < destination.Length; done += PieceElements)
        {
            Span<float> piece = destination.Slice(done, Math.Min(PieceElements, destination.Length - done));
            if (Type == "F32") file.Read(entry, (start + done) * sizeof(float), MemoryMarshal.AsBytes(piece));
            else ReadHalves(start + done, piece);
        }
    }

    private void ReadHalves(long start, Span<float> destination)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(destination.Length * sizeof(ushort));
        try
        {
            Span<byte> source = rented.AsSpan(0, destination.Length * sizeof(ushort));
            file.Read(entry, start * sizeof(ushort), source);
            Widen(source, destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void Widen(ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (Type == "F16")
        {
            ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(source);
            for (int i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
        }
        else
        {
            ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(source);
            for (int i = 0; i < upper.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
        }
    }
}
