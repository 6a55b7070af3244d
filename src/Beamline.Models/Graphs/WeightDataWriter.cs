using System.Runtime.InteropServices;

namespace Beamline.Models.Graphs;

/// <summary>Writes the file beside a graph that holds its weights, one aligned block after the other.</summary>
internal sealed class WeightDataWriter(Stream stream, string fileName) : IDisposable
{
    // A cache line: kernels that read mapped weights in place never straddle one at the start of a row of 16 numbers.
    private const int Alignment = 64;

    private long _position;

    /// <summary>The file's name without a folder, as the graph refers to it.</summary>
    public string FileName { get; } = fileName;

    /// <summary>Starts a block.</summary>
    /// <returns>Where it begins in the file.</returns>
    public long Begin()
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[Alignment];
        int padding = (int)((Alignment - (_position % Alignment)) % Alignment);
        Write(zeros[..padding]);
        return _position;
    }

    /// <summary>Appends to the block.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }

    /// <summary>Appends numbers to the block, little-endian.</summary>
    public void Write(ReadOnlySpan<float> values) => Write(MemoryMarshal.AsBytes(values));

    /// <summary>Appends numbers to the block rounded to fp16, little-endian.</summary>
    public void WriteHalves(ReadOnlySpan<float> values)
    {
        const int piece = 4096;
        Span<Half> halves = stackalloc Half[piece];
        for (; !values.IsEmpty; values = values[int.Min(piece, values.Length)..])
        {
            Span<Half> part = halves[..int.Min(piece, values.Length)];
            for (int i = 0; i < part.Length; i++) part[i] = (Half)values[i];
            Write(MemoryMarshal.AsBytes(part));
        }
    }

    /// <summary>Bytes since the start of a block.</summary>
    public long LengthFrom(long begin) => _position - begin;

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
