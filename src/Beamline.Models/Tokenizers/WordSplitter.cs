using Microsoft.ML.Tokenizers;

namespace Beamline.Models.Tokenizers;

/// <summary><see cref="Gpt2Splitter"/> as the library's kind of pre-tokenizer; without words the text is one piece.</summary>
/// <param name="words">Whether to cut into words.</param>
internal sealed class WordSplitter(bool words) : PreTokenizer
{
    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Split(text);
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => Split(text.ToString());

    private IEnumerable<(int Offset, int Length)> Split(string text)
    {
        for (int offset = 0; offset < text.Length;)
        {
            int length = words ? Gpt2Splitter.WordLength(text.AsSpan(offset)) : text.Length - offset;
            yield return (offset, length);
            offset += length;
        }
    }
}
