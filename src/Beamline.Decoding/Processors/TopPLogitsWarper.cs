using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Nucleus sampling: keeps the likeliest tokens that together reach a probability.</summary>
/// <param name="topP">The probability to reach; 0 to 1; 1 changes nothing, 0 keeps the likeliest alone.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// A token stays when those before it sum to less than <paramref name="topP"/>; they are ordered by score, and among equal scores by id,
/// the highest first, as the reference's stable ascending sort has it. Holtzman et al. 2019, arXiv:1904.09751.
/// </remarks>
public sealed class TopPLogitsWarper(float topP, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(TopPLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        RowEntries entries = RowEntries.Of(scores, workspace);
        ReadOnlySpan<float> values = entries.Values;
        Span<float> weights = workspace.Weights.AsSpan(0, values.Length);
        // No distribution, no nucleus: the reference keeps such rows as they are.
        if (entries.Count == 0 || RowMath.Max(values) is var max && !float.IsFinite(max)) return;
        double total = RowMath.Exponentials(values, max, weights), target = topP * total;
        WeightedRow row = new(values, weights, total, entries.Count);
        MassBracket bracket = MassBorder.Find(row, max, target, minTokensToKeep);
        Decide(scores, bracket, entries, row, target);
        if (!float.IsNegativeInfinity(bracket.Lower)) RowMath.MaskBelow(scores, float.BitIncrement(bracket.Lower));
    }

    private void Decide(Span<float> scores, MassBracket bracket, RowEntries entries, WeightedRow row, double target)
    {
        double mass = bracket.KeptMass;
        int kept = bracket.Kept;
        foreach (ulong key in MassBorder.SortUndecided(bracket, row, lowestPlaceFirst: false, workspace.Keys))
        {
            int place = SortKey.PlaceOfDescending(key);
            if (mass >= target && kept >= minTokensToKeep) scores[entries.PlaceInRow(place)] = float.NegativeInfinity;
            mass += row.Weights[place];
            kept++;
        }
    }
}
