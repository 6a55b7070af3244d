using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>
/// Locally typical sampling: keeps the tokens whose surprise is nearest to the expected one, until they reach a probability.
/// </summary>
/// <param name="mass">The probability to reach; above 0, below 1.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// Ordered by distance and then by id; what is as near as the last one kept stays too. Meister et al. 2022, arXiv:2202.00666.
/// </remarks>
public sealed class TypicalLogitsWarper(float mass, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(TypicalLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        RowEntries entries = RowEntries.Of(scores, workspace);
        ReadOnlySpan<float> values = entries.Values;
        Span<float> weights = workspace.Weights.AsSpan(0, values.Length);
        if (entries.Count == 0 || RowMath.Max(values) is var max && !float.IsFinite(max)) return;
        double total = RowMath.Exponentials(values, max, weights), target = mass * total;
        // From here on the scores of the entries are not needed, so where they were copied, the copies make room.
        Span<float> nearness = workspace.Values.AsSpan(0, values.Length);
        Surprise.Write(values, max, (float)Math.Log(total), nearness);
        Surprise.ToNearness(nearness, (float)(Surprise.WeightedSum(nearness, shift: 0, weights) / total));
        WeightedRow row = new(nearness, weights, total, entries.Count);
        MassBracket bracket = MassBorder.Find(row, max: 0, target, minTokensToKeep);
        Decide(scores, bracket, entries, row, target);
        entries.MaskWhereUpTo(scores, nearness, bracket.Lower);
    }

    private void Decide(Span<float> scores, MassBracket bracket, RowEntries entries, WeightedRow row, double target)
    {
        double reached = bracket.KeptMass;
        // The last one kept may lie above the bracket, when only the number of tokens to keep leads into it.
        float last = reached >= target ? float.PositiveInfinity : float.NegativeInfinity;
        int rank = bracket.Kept;
        foreach (ulong key in MassBorder.SortUndecided(bracket, row, lowestPlaceFirst: true, workspace.Keys))
        {
            int place = SortKey.PlaceOf(key);
            if (row.Values[place] < last && rank >= minTokensToKeep) scores[entries.PlaceInRow(place)] = float.NegativeInfinity;
            bool before = reached < target;
            reached += row.Weights[place];
            if (before && reached >= target) last = row.Values[place];
            rank++;
        }
    }
}
