using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>
/// Makes tokens that already occurred less likely: a score of 0 or more is divided by the penalty, a negative one multiplied.
/// </summary>
/// <param name="penalty">Above 0; 1 changes nothing, below 1 favours repetition.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>Looks at prompt and generated ids; repeats count once. Keskar et al. 2019, arXiv:1909.05858.</remarks>
public sealed class RepetitionPenaltyLogitsProcessor(float penalty, DecodingWorkspace workspace) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(RepetitionPenaltyLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) => Penalise(history, scores, penalty, workspace.Seen);

    /// <summary>Applies a penalty to each distinct id once.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="scores">One row.</param>
    /// <param name="penalty">The penalty.</param>
    /// <param name="seen">One bit an id, all zero; left so.</param>
    internal static void Penalise(ReadOnlySpan<int> ids, Span<float> scores, float penalty, ulong[] seen)
    {
        foreach (int id in ids)
        {
            ulong bit = 1UL << (id & 63);
            if ((seen[id >> 6] & bit) != 0) continue;
            seen[id >> 6] |= bit;
            float score = scores[id];
            scores[id] = score < 0 ? score * penalty : score / penalty;
        }
        foreach (int id in ids) seen[id >> 6] = 0;
    }
}
