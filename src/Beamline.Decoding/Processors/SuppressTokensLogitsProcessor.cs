using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Masks ids everywhere.</summary>
/// <param name="ids">The ids; those outside the vocabulary are ignored.</param>
public sealed class SuppressTokensLogitsProcessor(ImmutableArray<int> ids) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(SuppressTokensLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) => Mask.Ids(ids, scores);
}
