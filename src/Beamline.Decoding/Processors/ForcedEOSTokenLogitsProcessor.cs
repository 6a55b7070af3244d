using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Leaves some ids alone for the last token before the length limit.</summary>
/// <param name="maxLength">Prompt and generated tokens at most.</param>
/// <param name="ids">The ids; within the vocabulary.</param>
public sealed class ForcedEOSTokenLogitsProcessor(int maxLength, ImmutableArray<int> ids) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(ForcedEOSTokenLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        if (history.Length == maxLength - 1) Mask.AllBut(ids, scores);
    }
}
