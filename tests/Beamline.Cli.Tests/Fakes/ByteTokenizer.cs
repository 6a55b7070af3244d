using System.Text;
using Beamline.Models.Tokenizers;

namespace Beamline.Cli.Tests.Fakes;

/// <summary>A token a byte of UTF-8; 256 is a special token.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    private const string End = "<end>";

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    public int VocabularySize => 257;

    public int[] Encode(string text)
    {
        bool isEnded = text.EndsWith(End, StringComparison.Ordinal);
        int[] ids = [.. Encoding.UTF8.GetBytes(isEnded ? text[..^End.Length] : text).Select(value => (int)value)];
        return isEnded ? [.. ids, 256] : ids;
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true) =>
        ids is [256] && !skipSpecialTokens ? End : throw new NotSupportedException();

    public ITextStream NewStream(bool skipSpecialTokens = true) => throw new NotSupportedException();

    public ReadOnlySpan<byte> TokenBytes(int id) => id == 256 ? [] : Bytes.AsSpan(id, 1);
}
