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

    private readonly BestTokens _likeliest = new(Considered);

    /// <inheritdoc/>
    public string Name => nameof(TopHLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        float max = RowMath.Max(scores);
        if (!float.IsFinite(max)) return;
        _likeliest.Clear();
        _likeliest.Offer(row: 0, scores, sum: 0);
        ReadOnlySpan<RankedToken> best = _likeliest.Rank();
        Span<float> weights = workspace.Weights.AsSpan(0, best.Length);
        for (int rank = 0; rank < best.Length; rank++) weights[rank] = best[rank].Score;

        double total = RowMath.Exponentials(weights, max, weights), entropy = 0;
        foreach (float weight in weights) entropy += EntropyTerm(weight / total);
        double reached = EntropyTerm(weights[0] / total);
        int kept = 1;
        while (kept < best.Length && (reached += EntropyTerm(weights[kept] / total)) <= entropy * topH) kept++;
        scores.Fill(float.NegativeInfinity);
        foreach (ref readonly RankedToken token in best[..kept]) scores[token.Token] = token.Score;
    }

    private static double EntropyTerm(double probability) => probability > 0 ? -probability * Math.Log(probability) : 0;
}
