using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Masks the stop ids until so many tokens were generated.</summary>
/// <param name="minNewTokens">How many; 0 changes nothing.</param>
/// <param name="promptLength">Tokens of the prompt, with which every history begins.</param>
/// <param name="stopIds">Stop ids; those outside the vocabulary are ignored.</param>
public sealed class MinNewTokensLengthLogitsProcessor(int minNewTokens, int promptLength, ImmutableArray<int> stopIds) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(MinNewTokensLengthLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        if (history.Length - promptLength < minNewTokens) Mask.Ids(stopIds, scores);
    }
}
