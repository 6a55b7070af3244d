namespace Beamline.Models.Tokenizers;

/// <summary>Text to token ids and back. Safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>The largest id, plus 1: a model's padding rows are not counted, ids that no token has are.</summary>
    int VocabularySize { get; }

    /// <summary>Token ids of a text, with nothing put before or behind it. A special token written in the text stands for itself.</summary>
    int[] Encode(string text);

    /// <summary>The text of ids; incomplete UTF-8 becomes U+FFFD; ids outside the vocabulary give nothing.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens give nothing.</param>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true);

    /// <summary>A decoder that takes ids one by one.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens give nothing.</param>
    ITextStream NewStream(bool skipSpecialTokens = true);

    /// <summary>UTF-8 bytes that a token adds to a text, which may begin or end inside a character; empty for special tokens.</summary>
    ReadOnlySpan<byte> TokenBytes(int id);
}
