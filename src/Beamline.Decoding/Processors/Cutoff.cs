using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Drops scores below a threshold, but never the best few.</summary>
internal static class Cutoff
{
    /// <summary>Masks what is below the threshold and is not among the best.</summary>
    /// <param name="scores">One row.</param>
    /// <param name="threshold">Lowest score that stays.</param>
    /// <param name="minTokensToKeep">As many of the greatest stay, and what equals the last of them.</param>
    /// <param name="workspace">Scratch memory for rows of this length.</param>
    public static void Apply(Span<float> scores, float threshold, int minTokensToKeep, DecodingWorkspace workspace)
    {
        float kept = Selection.KthGreatest(scores, Math.Min(minTokensToKeep, scores.Length), workspace.Values);
        RowMath.MaskBelow(scores, Math.Min(threshold, kept));
    }
}
