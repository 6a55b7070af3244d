using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Drops tokens less likely than a fixed probability.</summary>
/// <param name="epsilon">The probability; above 0, below 1.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>Hewitt, Manning, Liang 2022, arXiv:2210.15191.</remarks>
public sealed class EpsilonLogitsWarper(float epsilon, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(EpsilonLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        float max = RowMath.Max(scores);
        if (!float.IsFinite(max)) return;
        double logTotal = Math.Log(RowMath.SumOfExponentials(scores, max));
        Cutoff.Apply(scores, (float)(max + logTotal + Math.Log(epsilon)), minTokensToKeep, workspace);
    }
}
