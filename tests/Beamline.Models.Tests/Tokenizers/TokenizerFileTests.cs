using System.Text.Json.Nodes;
using Beamline.Abstractions.Errors;
using Beamline.Models.Tests.Support;
using Beamline.Models.Tokenizers;
using Beamline.Testing;

namespace Beamline.Models.Tests.Tokenizers;

/// <summary>Whatever numbers stand in a tokenizer.json, it costs no more than its size, or is refused by name.</summary>
public sealed class TokenizerFileTests : IDisposable
{
    private const int Largest = 16_777_215;

    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("added")]
    [InlineData("base")]
    public void Open_AHugeId_CostsNoMoreThanTheFile(string where)
    {
        string plain = TokenizerJson.Tiny().Write(_temporary.PathOf("plain.json"));
        TokenizerJson json = TokenizerJson.Tiny();
        string huge = (where == "added" ? json.Add("[FAR]", Largest) : json.SetBase("far", Largest)).Write(_temporary.PathOf("huge.json"));
        TokenizerFile.Open(plain);      // what is compiled and made once

        long usual = AllocatedBy(() => TokenizerFile.Open(plain)), bytes = AllocatedBy(() => TokenizerFile.Open(huge));

        bytes.ShouldBeLessThan(usual + (16 * new FileInfo(huge).Length));
    }

    [Fact]
    public void SparseIds_AreKnown_AndTheGapsBetweenThemStandForNothing()
    {
        ITokenizer tokenizer = Open(
            TokenizerJson.Tiny().Add("[FAR]", Largest).Add("[MID]", 70_000, special: false).SetBase("\u0120zzz", 9_000));

        tokenizer.VocabularySize.ShouldBe(Largest + 1);
        tokenizer.Encode("[MID][FAR]").ShouldBe([70_000, Largest]);
        tokenizer.Decode([70_000, Largest, 9_000]).ShouldBe("[MID] zzz");
        tokenizer.Decode([Largest], skipSpecialTokens: false).ShouldBe("[FAR]");
        foreach (int id in (int[])[-1, int.MinValue, 300, 601, 8_999, 9_001, 69_999, Largest - 1, Largest + 1, int.MaxValue])
        {
            tokenizer.Decode([id], skipSpecialTokens: false).ShouldBe("", $"{id}");
            tokenizer.TokenBytes(id).IsEmpty.ShouldBeTrue($"{id}");
            tokenizer.NewStream().Append(id).ShouldBe("", $"{id}");
        }
    }

    [Fact]
    public void Open_ImpossibleIds_AreNamedAllAtOnce()
    {
        TokenizerJson json = TokenizerJson.Tiny()
            .SetBase("a", Largest + 1L).SetBase("b", -1).SetBase("c", 1.5).SetBase("d", "4").Add("[X]", 3_000_000_000);

        BeamlineError error = Should.Throw<BeamlineException>(() => Open(json)).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        const string Rule = "allowed: a whole number from 0 to 16777215";
        error.Message.ShouldBe(
            $"{_temporary.PathOf("tokenizer.json")}: token 'a' has id 16777216; {Rule}; token 'b' has id -1; {Rule}; "
            + $"token 'c' has id 1.5; {Rule}; token 'd' has id \"4\"; {Rule}; added token '[X]' has id 3000000000; {Rule}");
    }

    [Fact]
    public void Open_AMergeThatIsNoPair_IsRefused()
    {
        foreach (JsonNode? merge in (JsonNode?[])[new JsonArray("a"), new JsonArray(), new JsonArray("a", "b", "c"), 7, null])
        {
            string message = Should.Throw<BeamlineException>(() => Open(TokenizerJson.Tiny().Merge(merge))).Message;
            message.ShouldContain("tokenizer.json");
            message.ShouldNotContain("\n");
        }
    }

    [Fact]
    public void Open_MutatedFile_TokenizerOrNamedError()
    {
        const int Seed = 1;
        string file = TokenizerJson.Tiny().Write(_temporary.PathOf("tokenizer.json")), whole = File.ReadAllText(file);
        string[] tokens =
            ["{", "}", "[", "]", ",", ":", "\"", "-1", "9223372036854775807", "1e300", "null", "true", "\"BPE\"", "\\u0061", "\0"];
        Random random = new(Seed);
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            int at = random.Next(whole.Length), lost = random.Next(4);
            File.WriteAllText(file, whole[..at] + tokens[random.Next(tokens.Length)] + whole[Math.Min(whole.Length, at + lost)..]);
            try
            {
                TokenizerFile.Open(file).Encode("Once");
            }
            catch (BeamlineException error)
            {
                refused++;
                error.Message.ShouldStartWith(file);
                error.Message.ShouldNotContain("\n");
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {Seed}, mutant {i}: {error}");
            }
        }
        refused.ShouldBeInRange(100, 499);
    }

    private ITokenizer Open(TokenizerJson json) => TokenizerFile.Open(json.Write(_temporary.PathOf("tokenizer.json")));

    private static long AllocatedBy(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
