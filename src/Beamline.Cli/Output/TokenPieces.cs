using System.Buffers;
using System.Text;
using Beamline.Models.Tokenizers;

namespace Beamline.Cli.Output;

/// <summary>Shows what a token stands for.</summary>
internal static class TokenPieces
{
    /// <summary>
    /// The token's text; bytes that are only part of a character as <c>&lt;0xE2&gt;</c>; a special token as it is written.
    /// </summary>
    public static string Of(ITokenizer tokenizer, int id)
    {
        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(id);
        if (bytes.IsEmpty) return tokenizer.Decode([id], skipSpecialTokens: false);
        StringBuilder text = new();
        while (!bytes.IsEmpty)
        {
            bool isWhole = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.Done;
            if (isWhole) text.Append(rune.ToString());
            else text.Append($"<0x{bytes[0]:X2}>");
            bytes = bytes[(isWhole ? length : 1)..];
        }
        return text.ToString();
    }
}
