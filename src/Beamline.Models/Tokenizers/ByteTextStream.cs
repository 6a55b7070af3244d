using System.Text;

namespace Beamline.Models.Tokenizers;

/// <summary>Decodes UTF-8 as it comes; the bytes of a character that is not complete wait for the next id. For one reader.</summary>
internal sealed class ByteTextStream(ByteLevelTokenizer tokenizer, bool skipSpecialTokens) : ITextStream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <inheritdoc/>
    public string Append(int id) => Convert(tokenizer.BytesOf(id, skipSpecialTokens), flush: false);

    /// <inheritdoc/>
    public string Finish() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        const int StackChars = 256;
        int count = _decoder.GetCharCount(bytes, flush);
        Span<char> chars = count <= StackChars ? stackalloc char[StackChars] : new char[count];
        return chars[.._decoder.GetChars(bytes, chars, flush)].ToString();
    }
}
