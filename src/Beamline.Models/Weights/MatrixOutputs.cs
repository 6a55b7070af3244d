using System.Buffers;

namespace Beamline.Models.Weights;

/// <summary>Reads a matrix output by output, whichever way it lies, without holding more than a band of it.</summary>
internal static class MatrixOutputs
{
    // Outputs turned together where they lie across: a whole number of cache lines.
    private const int StripOutputs = 64;

    // Elements read together, 16 MiB: most matrices go front to back in one piece, and of larger ones a call still reads some kilobytes.
    private const int BandElements = 1 << 22;

    /// <summary>Receives the K weights of one output; they are valid during the call.</summary>
    /// <param name="output">0 to N - 1, in order.</param>
    /// <param name="weights">A weight an input.</param>
    public delegate void Visitor(int output, ReadOnlySpan<float> weights);

    /// <summary>Visits every output.</summary>
    public static void Visit(LinearWeights matrix, Visitor visitor)
    {
        if (matrix.Layout == WeightLayout.OutputMajor) VisitRows(matrix, visitor);
        else VisitColumns(matrix, visitor);
    }

    private static void VisitRows(LinearWeights matrix, Visitor visitor)
    {
        int inputs = matrix.Inputs, outputs = matrix.Outputs, rows = Math.Clamp(BandElements / inputs, 1, outputs);
        float[] band = ArrayPool<float>.Shared.Rent(rows * inputs);
        try
        {
            for (int first = 0; first < outputs; first += rows)
            {
                int count = Math.Min(rows, outputs - first);
                matrix.Matrix.Read((long)first * inputs, band.AsSpan(0, count * inputs));
                for (int i = 0; i < count; i++) visitor(first + i, band.AsSpan(i * inputs, inputs));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(band);
        }
    }

    // A band of columns is read row by row, then turned strip by strip, so that what is written to stays in the processor's cache.
    private static void VisitColumns(LinearWeights matrix, Visitor visitor)
    {
        int inputs = matrix.Inputs, outputs = matrix.Outputs;
        int width = Math.Min(outputs, Math.Max(StripOutputs, BandElements / inputs / StripOutputs * StripOutputs));
        float[] band = ArrayPool<float>.Shared.Rent(checked(width * inputs)), strip = new float[StripOutputs * inputs];
        try
        {
            for (int first = 0; first < outputs; first += width)
            {
                int columns = Math.Min(width, outputs - first);
                ReadBand(matrix, first, columns, band);
                for (int column = 0; column < columns; column += StripOutputs)
                {
                    int count = Math.Min(StripOutputs, columns - column);
                    for (int input = 0; input < inputs; input++)
                    {
                        ReadOnlySpan<float> piece = band.AsSpan((input * columns) + column, count);
                        for (int i = 0; i < piece.Length; i++) strip[(i * inputs) + input] = piece[i];
                    }
                    for (int i = 0; i < count; i++) visitor(first + column + i, strip.AsSpan(i * inputs, inputs));
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(band);
        }
    }

    private static void ReadBand(LinearWeights matrix, int first, int columns, Span<float> band)
    {
        int inputs = matrix.Inputs, outputs = matrix.Outputs;
        if (columns == outputs)
        {
            matrix.Matrix.Read(0, band[..(inputs * columns)]);
            return;
        }
        for (int input = 0; input < inputs; input++)
        {
            matrix.Matrix.Read(((long)input * outputs) + first, band.Slice(input * columns, columns));
        }
    }
}
