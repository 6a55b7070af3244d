using System.Numerics.Tensors;
using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Nucleus sampling: keeps the likeliest tokens that together reach a probability.</summary>
/// <param name="topP">The probability to reach; 0 to 1; 1 changes nothing, 0 keeps the likeliest alone.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// A token stays when those before it sum to less than <paramref name="topP"/>; they are ordered by score, and among equal scores by id, the
/// highest first, as the reference's stable ascending sort has it. Holtzman et al. 2019, arXiv:1904.09751.
/// </remarks>
public sealed class TopPLogitsWarper(float topP, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    private const int SmallBracket = 64;
    private const int MaxHalvings = 40;

    /// <inheritdoc/>
    public string Name => nameof(TopPLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        float max = TensorPrimitives.Max<float>(scores);
        // No distribution, no nucleus: the reference keeps such rows as they are.
        if (!float.IsFinite(max)) return;
        int count = Survivors.Gather(scores, float.NegativeInfinity, workspace.Values, workspace.Ids);
        Span<float> values = workspace.Values.AsSpan(0, count), weights = workspace.Weights.AsSpan(0, count);
        TensorPrimitives.Subtract(values, max, weights);
        TensorPrimitives.Exp<float>(weights, weights);
        double target = topP * RowMath.Sum(weights);

        // Everything above `upper` stays, everything up to `lower` goes; halve the bracket until what is undecided is cheap to sort.
        float lower = float.NegativeInfinity, upper = max, probe = max - 16;
        int kept = 0, undecided = count;
        double keptMass = 0;
        for (int halving = 0; undecided > SmallBracket && halving < MaxHalvings && probe > lower && probe < upper; halving++)
        {
            (double mass, int above) = RowMath.SumAbove(values, weights, probe);
            if (mass >= target && above >= minTokensToKeep)
            {
                lower = probe;
                undecided = above - kept;
            }
            else
            {
                upper = probe;
                undecided -= above - kept;
                (keptMass, kept) = (mass, above);
            }
            probe = float.IsNegativeInfinity(lower) ? upper - 2 * (max - upper) - 16 : lower + (upper - lower) / 2;
        }

        Decide(scores, lower, upper, kept, keptMass, target, values, weights);
        if (!float.IsNegativeInfinity(lower)) RowMath.MaskBelow(scores, float.BitIncrement(lower));
    }

    private void Decide(
        Span<float> scores, float lower, float upper, int kept, double mass, double target, ReadOnlySpan<float> values, ReadOnlySpan<float> weights)
    {
        Span<ulong> keys = workspace.Keys;
        int count = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] > lower && values[i] <= upper) keys[count++] = SortKey.DescendingPlaces(values[i], i);
        }
        keys = keys[..count];
        keys.Sort();
        foreach (ulong key in keys)
        {
            int place = SortKey.PlaceOfDescending(key);
            if (mass >= target && kept >= minTokensToKeep) scores[workspace.Ids[place]] = float.NegativeInfinity;
            mass += weights[place];
            kept++;
        }
    }
}
