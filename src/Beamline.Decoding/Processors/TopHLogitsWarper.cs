using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Top-H sampling: keeps the likeliest tokens whose entropy terms stay within a fraction of the entropy.</summary>
/// <param name="topH">The fraction; above 0, at most 1.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// Looks at the 100 likeliest tokens only and always keeps the first. Potraghloo et al. 2025, arXiv:2509.02510; cap and rule as in the
/// reference.
/// </remarks>
public sealed class TopHLogitsWarper(float topH, DecodingWorkspace workspace) : ILogitsProcessor
{
    private const int Considered = 100;

    /// <inheritdoc/>
    public string Name => nameof(TopHLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        float max = RowMath.Max(scores);
        if (!float.IsFinite(max)) return;
        Span<ulong> best = workspace.Keys.AsSpan(0, SortBest(scores));
        Span<float> weights = workspace.Weights.AsSpan(0, best.Length);
        for (int i = 0; i < best.Length; i++) weights[i] = scores[SortKey.PlaceOf(best[i])];

        double total = RowMath.Exponentials(weights, max, weights), entropy = 0;
        foreach (float weight in weights) entropy += EntropyTerm(weight / total);
        double reached = 0;
        int kept = 0;
        while (kept < best.Length)
        {
            reached += EntropyTerm(weights[kept] / total);
            if (kept > 0 && reached > entropy * topH) break;
            workspace.Values[kept] = scores[SortKey.PlaceOf(best[kept])];
            kept++;
        }
        scores.Fill(float.NegativeInfinity);
        for (int i = 0; i < kept; i++) scores[SortKey.PlaceOf(best[i])] = workspace.Values[i];
    }

    /// <summary>Sorts the likeliest tokens, at most as many as are considered, to the front of the keys.</summary>
    private int SortBest(ReadOnlySpan<float> scores)
    {
        int wanted = Math.Min(Considered, scores.Length);
        float last = Selection.KthGreatest(scores, wanted, workspace.Values);
        int count = 0;
        for (int id = 0; id < scores.Length; id++)
        {
            if (scores[id] >= last && !float.IsNegativeInfinity(scores[id])) workspace.Keys[count++] = SortKey.Descending(scores[id], id);
        }
        workspace.Keys.AsSpan(0, count).Sort();
        return Math.Min(count, wanted);
    }

    private static double EntropyTerm(double probability) => probability > 0 ? -probability * Math.Log(probability) : 0;
}
