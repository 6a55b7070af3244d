namespace Beamline.Models.Weights;

/// <summary>Reads a matrix output by output, whichever way it lies, without holding more than a strip of it.</summary>
internal static class MatrixOutputs
{
    // Outputs read together where they lie across: the strip's rows are a whole number of cache lines even in 16-bit files.
    private const int StripOutputs = 64;

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
        float[] row = new float[matrix.Inputs];
        for (int output = 0; output < matrix.Outputs; output++)
        {
            matrix.Matrix.Read((long)output * row.Length, row);
            visitor(output, row);
        }
    }

    private static void VisitColumns(LinearWeights matrix, Visitor visitor)
    {
        int inputs = matrix.Inputs, outputs = matrix.Outputs;
        float[] piece = new float[StripOutputs], strip = new float[StripOutputs * inputs];
        for (int first = 0; first < outputs; first += StripOutputs)
        {
            int count = Math.Min(StripOutputs, outputs - first);
            for (int input = 0; input < inputs; input++)
            {
                matrix.Matrix.Read(((long)input * outputs) + first, piece.AsSpan(0, count));
                for (int i = 0; i < count; i++) strip[(i * inputs) + input] = piece[i];
            }
            for (int i = 0; i < count; i++) visitor(first + i, strip.AsSpan(i * inputs, inputs));
        }
    }
}
