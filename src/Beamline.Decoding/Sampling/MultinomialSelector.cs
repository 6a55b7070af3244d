using System.Numerics.Tensors;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Randomness;

namespace Beamline.Decoding.Sampling;

/// <summary>Draws from the distribution that the scores stand for, by inverting its cumulative sum in the order of ids.</summary>
/// <param name="random">The run's random numbers; one is used per token.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// A row that stands for no distribution (NaN, plus infinity, or nothing but masked tokens), which the reference refuses to draw from,
/// gives what <see cref="ArgmaxSelector"/> gives.
/// </remarks>
public sealed class MultinomialSelector(RandomSource random, DecodingWorkspace workspace) : ITokenSelector
{
    private const int BlockLength = 64;

    /// <inheritdoc/>
    public int Select(ReadOnlySpan<float> scores, int branch, int position)
    {
        float max = TensorPrimitives.Max(scores);
        if (!float.IsFinite(max)) return RowMath.IndexOfMax(scores);
        int count = Survivors.Gather(scores, float.NegativeInfinity, workspace.Values, workspace.Ids);
        Span<float> weights = workspace.Weights.AsSpan(0, count);
        TensorPrimitives.Subtract(workspace.Values.AsSpan(0, count), max, weights);
        TensorPrimitives.Exp<float>(weights, weights);
        return workspace.Ids[Draw(weights, random.Uniform(branch, position))];
    }

    /// <summary>The first place at which the running sum of the weights exceeds a fraction of the total. A weight of 0 is never chosen.</summary>
    private static int Draw(ReadOnlySpan<float> weights, double fraction)
    {
        // Block sums twice, each in the same order, so that total and running sum agree to the bit and no table is needed.
        double total = 0;
        for (int start = 0; start < weights.Length; start += BlockLength) total += RowMath.Sum(Block(weights, start));
        double target = fraction * total, before = 0;
        int last = 0;
        for (int start = 0; start < weights.Length; start += BlockLength)
        {
            double block = RowMath.Sum(Block(weights, start));
            if (block == 0) continue;
            last = start;
            if (before + block > target) break;
            before += block;
        }
        int chosen = last;
        double sum = before;
        for (int i = last; i < Math.Min(last + BlockLength, weights.Length); i++)
        {
            if (weights[i] == 0) continue;
            chosen = i;
            sum += weights[i];
            if (sum > target) break;
        }
        return chosen;
    }

    private static ReadOnlySpan<float> Block(ReadOnlySpan<float> weights, int start) =>
        weights.Slice(start, Math.Min(BlockLength, weights.Length - start));
}
