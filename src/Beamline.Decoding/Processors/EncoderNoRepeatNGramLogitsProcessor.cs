namespace Beamline.Decoding.Processors;

/// <summary>Masks tokens that would complete an n-gram of the prompt.</summary>
/// <param name="size">Tokens of an n-gram; 1 or more.</param>
/// <param name="promptLength">Tokens of the prompt, with which every history begins.</param>
/// <remarks>Roller et al. 2020, arXiv:2004.13637.</remarks>
public sealed class EncoderNoRepeatNGramLogitsProcessor(int size, int promptLength) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(EncoderNoRepeatNGramLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) =>
        NoRepeatNGramLogitsProcessor.Ban(history[..promptLength], history, size, scores);
}
