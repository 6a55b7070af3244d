using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Sampling;

/// <summary>Draws a place in proportion to weights, by inverting their cumulative sum.</summary>
internal static class WeightedDraw
{
    private const int BlockLength = 64;

    /// <summary>The first place at which the running sum exceeds a fraction of the total. A weight of 0 is never chosen.</summary>
    /// <param name="weights">Weights, none negative; at least one.</param>
    /// <param name="fraction">0 or more, below 1.</param>
    /// <returns>The place; -1 when all weights are 0.</returns>
    public static int Draw(ReadOnlySpan<float> weights, double fraction)
    {
        // Block sums twice, each in the same order, so that total and running sum agree to the bit and no table is needed.
        double total = 0;
        for (int start = 0; start < weights.Length; start += BlockLength) total += RowMath.Sum(Block(weights, start));
        double target = fraction * total, before = 0;
        int last = -1;
        for (int start = 0; start < weights.Length; start += BlockLength)
        {
            double block = RowMath.Sum(Block(weights, start));
            if (block == 0) continue;
            last = start;
            if (before + block > target) break;
            before += block;
        }
        return last < 0 ? -1 : last + DrawInBlock(Block(weights, last), target - before);
    }

    private static int DrawInBlock(ReadOnlySpan<float> weights, double target)
    {
        // Rounding may leave the target just out of reach: then it is the last weight.
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
