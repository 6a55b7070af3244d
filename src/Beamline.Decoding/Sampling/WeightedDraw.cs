using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Sampling;

/// <summary>Draws a place in proportion to weights, by inverting their cumulative sum.</summary>
internal static class WeightedDraw
{
    private const int BlockLength = 512;

    /// <summary>The first place at which the running sum exceeds a fraction of the total. A weight of 0 is never chosen.</summary>
    /// <param name="weights">Weights, none negative; at least one.</param>
    /// <param name="total">Their sum, but for rounding.</param>
    /// <param name="fraction">0 or more, below 1.</param>
    /// <returns>The place; -1 when all weights are 0.</returns>
    public static int Draw(ReadOnlySpan<float> weights, double total, double fraction)
    {
        // Whole blocks are skipped by their sums; where rounding leaves the target out of reach, it is the last weight.
        double target = fraction * total, before = 0, sum = 0;
        int last = -1;
        for (int start = 0; start < weights.Length; start += BlockLength)
        {
            double block = RowMath.Sum(Block(weights, start));
            if (block == 0) continue;
            (last, before) = (start, sum);
            sum += block;
            if (sum > target) break;
        }
        return last < 0 ? -1 : last + DrawInBlock(Block(weights, last), target - before);
    }

    private static int DrawInBlock(ReadOnlySpan<float> weights, double target)
    {
        int chosen = 0;
        double sum = 0;
        for (int i = 0; i < weights.Length && sum <= target; i++)
        {
            if (weights[i] == 0) continue;
            chosen = i;
            sum += weights[i];
        }
        return chosen;
    }

    private static ReadOnlySpan<float> Block(ReadOnlySpan<float> weights, int start) =>
        weights.Slice(start, Math.Min(BlockLength, weights.Length - start));
}
