using System.Globalization;
using System.Text;

namespace Beamline.Models.Tokenizers;

/// <summary>
/// Cuts a text into words as GPT-2's pattern does: English contractions, then letters, numbers or other signs with at most one space in
/// front, then white space, whose last character goes to the next word.
/// </summary>
/// <remarks>
/// By hand, because .NET's regular expressions see UTF-16 units: letters beyond U+FFFF would count as signs. The pattern is
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// </remarks>
internal static class Gpt2Splitter
{
    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>Length in UTF-16 units of the word at the start of a text; 1 or more.</summary>
    /// <param name="text">Not empty.</param>
    public static int WordLength(ReadOnlySpan<char> text)
    {
        int contraction = ContractionLength(text);
        if (contraction > 0) return contraction;
        int lead = text[0] == ' ' && text.Length > 1 && KindAt(text[1..], out _) != Kind.Space ? 1 : 0;
        Kind kind = KindAt(text[lead..], out _);
        int end = lead + RunLength(text[lead..], kind);
        if (kind != Kind.Space || end == text.Length) return end;
        // White space before a word: all but its last character, unless it is the only one. White space is always one unit.
        return Math.Max(1, end - 1);
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'') return 0;
        if (text[1] is 's' or 't' or 'm' or 'd') return 2;
        return text.Length > 2 && (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        int length = 0;
        while (length < text.Length && KindAt(text[length..], out int units) == kind) length += units;
        return length;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int units)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out units);
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
