using System.Runtime.InteropServices;
using Beamline.Models.Weights;

namespace Beamline.Models.Safetensors;

/// <summary>A tensor in a safetensors file. F32, F16 and BF16 are read; the last two are widened exactly.</summary>
internal sealed class SafetensorsTensor(SafetensorsFile file, TensorEntry entry) : IWeightTensor
{
    // Elements converted at a time, so that byte counts fit an int whatever the tensor's size.
    private const int PieceElements = 1 << 20;

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
        int size = SafetensorsType.Bits(Type) / 8;
        for (int done = 0; done < destination.Length; done += PieceElements)
        {
            Span<float> piece = destination.Slice(done, Math.Min(PieceElements, destination.Length - done));
            Widen(file.Bytes(entry.Begin + ((start + done) * size), piece.Length * size), piece);
        }
    }

    private void Widen(ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (Type)
        {
            case "F32":
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case "F16":
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(source);
                for (int i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            case "BF16":
                // The data part may begin at any byte, but x64 and Arm64 read unaligned values, and files are padded in practice.
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < upper.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
            default:
                throw new InvalidOperationException($"Tensor {Name} {Unreadable}.");
        }
    }
}
