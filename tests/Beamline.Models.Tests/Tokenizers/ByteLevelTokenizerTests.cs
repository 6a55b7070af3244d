using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Models.Tests.Support;
using Beamline.Models.Tokenizers;
using Beamline.Testing;
using CsCheck;

namespace Beamline.Models.Tests.Tokenizers;

public sealed class ByteLevelTokenizerTests
{
    private static readonly ITokenizer Tales = TokenizerFile.Open(Path.Combine(TestModels.Tales, "tokenizer.json"));

    [Fact]
    public void Decode_OfEncode_IsTheText() => Gen.String.Sample(text =>
        Tales.Decode(Tales.Encode(text), skipSpecialTokens: false).ShouldBe(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Stream_OfAnyIds_JoinsToDecode() => Gen.Int[-2, 4100].Array[0, 40].Sample(ids =>
    {
        ITextStream stream = Tales.NewStream();
        string joined = string.Concat(ids.Select(stream.Append)) + stream.Finish();
        joined.ShouldBe(Tales.Decode(ids));
    });

    [Fact]
    public void TokenBytes_OfEveryId_JoinToTheTextsBytes() => Gen.Int[0, 4095].Array[0, 40].Sample(ids =>
    {
        List<byte> bytes = [];
        foreach (int id in ids) bytes.AddRange(Tales.TokenBytes(id));
        Encoding.UTF8.GetString([.. bytes]).ShouldBe(Tales.Decode(ids));
    });

    [Fact]
    public void SpecialToken_WrittenInText_StandsForItself()
    {
        int[] ids = Tales.Encode("The end.<|endoftext|>Once");

        ids.ShouldBe([.. Tales.Encode("The end."), 0, .. Tales.Encode("Once")]);
        Tales.Decode(ids).ShouldBe("The end.Once");
        Tales.Decode(ids, skipSpecialTokens: false).ShouldBe("The end.<|endoftext|>Once");
        Tales.TokenBytes(0).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Encode_HalfASurrogatePair_IsTheReplacementCharacter() => Tales.Encode("a\uD83Db").ShouldBe(Tales.Encode("a\uFFFDb"));

    [Fact]
    public async Task Encode_FromManyThreads_GivesTheSame()
    {
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"The fox number {i} sang to {i * 7} stars, didn't it?")];
        int[][] expected = [.. texts.Select(Tales.Encode)];

        int[][][] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => texts.Select(Tales.Encode).ToArray())));

        foreach (int[][] result in results) result.ShouldBe(expected);
    }

    [Fact]
    public void Append_InsideACharacter_AllocatesNothing()
    {
        int first = Enumerable.Range(0, Tales.VocabularySize).First(id => Tales.TokenBytes(id).SequenceEqual((byte[])[0xF0]));
        ITextStream stream = Tales.NewStream();
        stream.Append(first);
        stream.Finish();

        long before = GC.GetAllocatedBytesForCurrentThread();
        stream.Append(first);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Theory]
    [InlineData("""{}""", "pre_tokenizer is missing")]
    [InlineData("""{"model":{"type":"Unigram"},"pre_tokenizer":{"type":"Metaspace"},"decoder":null}""", "Unigram")]
    [InlineData("""{"model":{"type":"BPE"},"normalizer":{"type":"NFC"}}""", "normalizer is NFC")]
    [InlineData("""{"model":""", "not valid JSON")]
    [InlineData("""[]""", "no tokenizer.json")]
    public void Open_NoTokenizerOfAKnownKind_IsNamed(string json, string part)
    {
        using TemporaryFolder temporary = new();
        File.WriteAllText(temporary.PathOf("tokenizer.json"), json);

        string message = Should.Throw<BeamlineException>(() => TokenizerFile.Open(temporary.PathOf("tokenizer.json"))).Message;

        message.ShouldContain("tokenizer.json");
        message.ShouldContain(part);
        message.ShouldNotContain("\n");
    }
}
