using System.Collections.Frozen;

namespace Beamline.Models.Tokenizers;

/// <summary>The letters that byte-level vocabularies spell bytes with: printable Latin-1 as it is, the rest as U+0100 and up.</summary>
/// <remarks>The mapping of GPT-2's published tokenizer.</remarks>
internal static class ByteAlphabet
{
    private static readonly char[] Letters = MakeLetters();
    private static readonly FrozenDictionary<char, byte> Bytes =
        Enumerable.Range(0, 256).ToFrozenDictionary(value => Letters[value], value => (byte)value);

    /// <summary>The letter of a byte.</summary>
    public static char LetterOf(byte value) => Letters[value];

    /// <summary>The byte of a letter.</summary>
    public static bool TryGetByte(char letter, out byte value) => Bytes.TryGetValue(letter, out value);

    private static char[] MakeLetters()
    {
        char[] letters = new char[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            letters[value] = printable ? (char)value : (char)next++;
        }
        return letters;
    }
}
