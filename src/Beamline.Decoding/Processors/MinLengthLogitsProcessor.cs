using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Masks the stop ids until prompt and generated tokens reach a length.</summary>
/// <param name="minLength">The length; 0 changes nothing.</param>
/// <param name="stopIds">Stop ids; those outside the vocabulary are ignored.</param>
public sealed class MinLengthLogitsProcessor(int minLength, ImmutableArray<int> stopIds) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(MinLengthLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        if (history.Length < minLength) Mask.Ids(stopIds, scores);
    }
}
