namespace Beamline.Decoding.Processors;

/// <summary>Masks tokens that would complete an n-gram which the history already holds.</summary>
/// <param name="size">Tokens of an n-gram; 1 or more.</param>
/// <remarks>Prompt and generated ids count. Klein et al. 2017; Paulus et al. 2017, arXiv:1705.04304.</remarks>
public sealed class NoRepeatNGramLogitsProcessor(int size) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(NoRepeatNGramLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) => Ban(history, history, size, scores);

    /// <summary>Masks every token that follows, somewhere in a text, the last n - 1 tokens of the history.</summary>
    /// <param name="text">Where the n-grams come from.</param>
    /// <param name="history">Ids so far.</param>
    /// <param name="size">Tokens of an n-gram.</param>
    /// <param name="scores">One row.</param>
    internal static void Ban(ReadOnlySpan<int> text, ReadOnlySpan<int> history, int size, Span<float> scores)
    {
        if (history.Length < size - 1) return;
        ReadOnlySpan<int> suffix = history[(history.Length - size + 1)..];
        for (int start = 0; start + size <= text.Length; start++)
        {
            if (text.Slice(start, size - 1).SequenceEqual(suffix)) scores[text[start + size - 1]] = float.NegativeInfinity;
        }
    }
}
