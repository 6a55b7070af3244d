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
    /// <inheritdoc/>
    public int Select(ReadOnlySpan<float> scores, int branch, int position)
    {
        RowEntries entries = RowEntries.Of(scores, workspace);
        ReadOnlySpan<float> values = entries.Values;
        Span<float> weights = workspace.Weights.AsSpan(0, values.Length);
        if (entries.Count == 0 || RowMath.Max(values) is var max && !float.IsFinite(max)) return RowMath.IndexOfMax(scores);
        double total = RowMath.Exponentials(values, max, weights);
        return entries.PlaceInRow(WeightedDraw.Draw(weights, total, random.Uniform(branch, position)));
    }
}
