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
        int count = Survivors.Gather(scores, workspace.Values, workspace.Ids);
        Span<float> surprise = workspace.Values.AsSpan(0, count), weights = workspace.Weights.AsSpan(0, count);
        if (count == 0 || RowMath.Max(surprise) is var max && !float.IsFinite(max)) return;
        double total = RowMath.Exponentials(surprise, max, weights);
        float logTotal = (float)Math.Log(total);
        double entropy = 0;
        for (int i = 0; i < count; i++)
        {
            surprise[i] = logTotal - (surprise[i] - max);
            // A weight of 0 may have an infinite surprise.
            if (weights[i] > 0) entropy += weights[i] / total * surprise[i];
        }

        Span<ulong> keys = workspace.Keys.AsSpan(0, count);
        for (int i = 0; i < count; i++) keys[i] = SortKey.Ascending(Distance(surprise[i], (float)entropy), i);
        keys.Sort();
        double reached = 0;
        int last = 0;
        while (last < count - 1 && (reached += weights[SortKey.PlaceOf(keys[last])] / total) < mass) last++;
        float farthest = Distance(surprise[SortKey.PlaceOf(keys[last])], (float)entropy);
        for (int rank = Math.Max(last, minTokensToKeep); rank < count; rank++)
        {
            int place = SortKey.PlaceOf(keys[rank]);
            if (Distance(surprise[place], (float)entropy) > farthest) scores[workspace.Ids[place]] = float.NegativeInfinity;
        }
    }

    private static float Distance(float surprise, float entropy) => Math.Abs(surprise - entropy);
}
