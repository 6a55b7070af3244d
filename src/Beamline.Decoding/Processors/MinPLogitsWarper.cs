using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Drops tokens less likely than a fraction of the likeliest one's probability.</summary>
/// <param name="minP">The fraction; 0 to 1; 0 drops nothing.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>Nguyen et al. 2024, arXiv:2407.01082.</remarks>
public sealed class MinPLogitsWarper(float minP, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(MinPLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        float max = RowMath.Max(scores);
        if (!float.IsFinite(max)) return;
        // p < minP x p(max) is the same as score < max + log(minP): no probability has to be computed.
        Cutoff.Apply(scores, (float)(max + Math.Log(minP)), minTokensToKeep, workspace);
    }
}
