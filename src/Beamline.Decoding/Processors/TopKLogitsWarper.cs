using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Keeps the k greatest scores and whatever equals the last of them.</summary>
/// <param name="topK">How many to keep; 1 or more; from V on it changes nothing.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>Fan, Lewis, Dauphin 2018, arXiv:1805.04833.</remarks>
public sealed class TopKLogitsWarper(int topK, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(TopKLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        int k = Math.Max(topK, minTokensToKeep);
        if (k >= scores.Length) return;
        RowMath.MaskBelow(scores, Selection.KthGreatest(scores, k, workspace.Values));
    }
}
