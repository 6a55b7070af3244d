using System.Text.RegularExpressions;
using Beamline.Models.Tokenizers;
using CsCheck;

namespace Beamline.Models.Tests.Tokenizers;

public sealed partial class Gpt2SplitterTests
{
    // Where .NET's own engine is right, below U+10000, it is the independent model.
    private const string Likely = "\'\'  \n\tstrevldmS19.!éß日½٣\u00A0\u2028\u0085\u0301";

    private static readonly Gen<string> Texts =
        Gen.OneOf(Gen.Char[Likely], Gen.Char['\0', '\uD7FF']).Array[0, 30].Select(chars => new string(chars));

    [Fact]
    public void Words_OfAnyText_AreThoseOfThePattern() => Texts.Sample(text =>
        Split(text).ShouldBe(Pattern().Matches(text).Select(match => match.Value)));

    [Theory]
    [InlineData("It's  a test\n\n now", "It|'s| | a| test|\n\n| now")]
    [InlineData("a   ", "a|   ")]
    [InlineData("we'll'd 'x", "we|'ll|'d| '|x")]
    [InlineData("x𝒜𝒷y 𝟙𝟚!𐎠", "x𝒜𝒷y| 𝟙𝟚|!|𐎠")]
    [InlineData("🙂🙂 🙂a", "🙂🙂| 🙂|a")]
    public void Words_OfKnownTexts_AreThese(string text, string words) => Split(text).ShouldBe(words.Split('|'));

    private static List<string> Split(string text)
    {
        List<string> words = [];
        for (int at = 0; at < text.Length; at += words[^1].Length) words.Add(text.Substring(at, Gpt2Splitter.WordLength(text.AsSpan(at))));
        return words;
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Pattern();
}
