using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Decoding.Stopping;
using Beamline.Decoding.Tests.Support;
using Beamline.Testing;
using CsCheck;

namespace Beamline.Decoding.Tests.Stopping;

public sealed class StopStringTextTests
{
    [Fact]
    public void Append_ReferenceCases_GiveOutWhatIsFinal()
    {
        Assert.SkipUnless(ReferenceData.Tokenizers.Has("stop_strings.jsonl"), "stop_strings.jsonl is not there.");
        foreach (JsonElement golden in ReferenceData.Tokenizers.Cases("stop_strings.jsonl"))
        {
            string name = golden.GetProperty("id").ToString();
            string text = golden.GetProperty("text").GetString()!;
            string? stop = golden.GetProperty("stop").GetString();
            StopStringText stopping = new([.. golden.GetProperty("stop_strings").EnumerateArray().Select(value => value.GetString()!)]);

            string found = string.Concat(Pieces(text + stop).Select(stopping.Append));
            if (stop is null)
            {
                stopping.Stop.ShouldBeNull(name);
                found += stopping.Finish();
            }
            else
            {
                // Cut into single characters, a stop string that begins a longer one is complete first.
                stop.ShouldStartWith(stopping.Stop.ShouldNotBeNull(name));
            }
            found.ShouldBe(text, name);
        }
    }

    [Fact]
    public void Append_PartOfAStopString_IsHeldBackUntilItIsDecided()
    {
        StopStringText text = new(["END", "\n\n"]);
        text.Append("the E").ShouldBe("the ");
        text.Append("N").ShouldBe("");
        text.Append("d\n").ShouldBe("ENd");
        text.Append("x").ShouldBe("\nx");
        text.Append("yEN").ShouldBe("y");
        text.Append("D of").ShouldBe("");
        text.Stop.ShouldBe("END");
        text.Append("more").ShouldBe("");
        text.Finish().ShouldBe("");
    }

    [Fact]
    public void Append_SeveralFromOnePlace_NamesTheLongest()
    {
        StopStringText text = new(["ab", "abc", "bc"]);
        text.Append("xabcd").ShouldBe("x");
        text.Stop.ShouldBe("abc");
    }

    [Fact]
    public void Finish_WithoutAMatch_ReleasesWhatWasHeldBack()
    {
        StopStringText text = new(["END"]);
        text.Append("the EN").ShouldBe("the ");
        text.Finish().ShouldBe("EN");
        text.Stop.ShouldBeNull();
    }

    /// <summary>
    /// However the text is cut into pieces, it ends at the same place, before the match that a plain search finds complete first.
    /// </summary>
    [Fact]
    public void Append_AnyPieces_EndWhereAPlainSearchSays()
    {
        Gen<string> letters = Gen.Char["ab"].Array[1, 4].Select(array => new string(array));
        Gen.Select(letters.Array[1, 3], Gen.Char["ab"].Array[0, 20].Select(array => new string(array)), Gen.Int[1, 5]).Sample(
            (stops, text, length) =>
            {
                StopStringText stopping = new([.. stops]);
                string found = string.Concat(text.Chunk(length).Select(piece => stopping.Append(new string(piece))));
                if (stopping.Stop is null) found += stopping.Finish();
                found.ShouldBe(PlainSearch(stops, text));
            },
            iter: 5_000);
    }

    private static string PlainSearch(string[] stops, string text)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            string? match = stops.Where(text[..end].EndsWith).MaxBy(stop => stop.Length);
            if (match is not null) return text[..(end - match.Length)];
        }
        return text;
    }

    private static IEnumerable<string> Pieces(string text) => text.Select(unit => unit.ToString());
}
