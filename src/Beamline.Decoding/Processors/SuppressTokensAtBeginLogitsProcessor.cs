using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Masks ids at one position, the first free one.</summary>
/// <param name="ids">The ids; those outside the vocabulary are ignored.</param>
/// <param name="beginLength">Length of the history at that position.</param>
public sealed class SuppressTokensAtBeginLogitsProcessor(ImmutableArray<int> ids, int beginLength) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(SuppressTokensAtBeginLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        if (history.Length == beginLength) Mask.Ids(ids, scores);
    }
}
