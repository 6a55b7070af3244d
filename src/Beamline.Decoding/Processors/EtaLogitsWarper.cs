using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Drops tokens less likely than a probability that falls with the entropy: min(epsilon, sqrt(epsilon) x exp(-entropy)).</summary>
/// <param name="epsilon">Above 0, below 1.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>Hewitt, Manning, Liang 2022, arXiv:2210.15191.</remarks>
public sealed class EtaLogitsWarper(float epsilon, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(EtaLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        RowEntries entries = RowEntries.Of(scores, workspace);
        ReadOnlySpan<float> values = entries.Values;
        Span<float> weights = workspace.Weights.AsSpan(0, values.Length);
        if (entries.Count == 0 || RowMath.Max(values) is var max && !float.IsFinite(max)) return;
        double total = RowMath.Exponentials(values, max, weights), logTotal = Math.Log(total);
        double entropy = logTotal - Surprise.WeightedSum(values, max, weights) / total;
        double eta = Math.Min(epsilon, Math.Sqrt(epsilon) * Math.Exp(-entropy));
        Cutoff.Apply(scores, (float)(max + logTotal + Math.Log(eta)), minTokensToKeep, workspace);
    }
}
