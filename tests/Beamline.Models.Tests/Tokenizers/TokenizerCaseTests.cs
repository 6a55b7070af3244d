using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Tests.Support;
using Beamline.Models.Tokenizers;
using Beamline.Testing;

namespace Beamline.Models.Tests.Tokenizers;

/// <summary>Every reference tokenizer either gives the expected ids and texts, or is refused by name.</summary>
public sealed class TokenizerCaseTests
{
    private static readonly string[] Supported = ["gpt2", "gpt2-prefix", "opt"];

    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(ReferenceData.Tokenizers.Folder)
        .Where(folder => File.Exists(Path.Combine(folder, "cases.jsonl")))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Tokenizer_EveryCase_ExactOrRefusedByName(string name)
    {
        ITokenizer tokenizer;
        try
        {
            tokenizer = TokenizerFile.Open(ReferenceData.Tokenizers.PathOf(name, "tokenizer.json"));
        }
        catch (BeamlineException refusal)
        {
            Supported.ShouldNotContain(name, refusal.Message);
            refusal.Error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
            refusal.Message.ShouldContain("support");
            refusal.Message.ShouldNotContain("\n");
            return;
        }
        int[] front = TemplateFront(name);
        int cases = 0;
        foreach (JsonElement test in ReferenceData.Tokenizers.Cases(name, "cases.jsonl"))
        {
            Check(tokenizer, test, front, $"{name} case {test.GetProperty("id")}");
            cases++;
        }
        cases.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Tales_EveryPromptAndTextOfTheGoldenCases_Exact()
    {
        ITokenizer tokenizer = TokenizerFile.Open(Path.Combine(TestModels.Tales, "tokenizer.json"));
        Assert.SkipUnless(ReferenceData.Golden.Has("generate-tales.jsonl"), $"{ReferenceData.Golden.Folder} holds no generate-tales.jsonl");
        int prompts = 0;
        foreach (JsonElement test in ReferenceData.Golden.Cases("generate-tales.jsonl"))
        {
            string id = test.GetProperty("case").GetString()!;
            int[] promptIds = Ints(test.GetProperty("prompt_ids"));
            // An empty prompt stands for the begin token, which is not the tokenizer's affair.
            if (test.GetProperty("prompt").GetString() is { Length: > 0 } prompt)
            {
                tokenizer.Encode(prompt).ShouldBe(promptIds, id);
                prompts++;
            }
            string?[] texts = [.. test.GetProperty("texts").EnumerateArray().Select(text => text.GetString())];
            int[][] sequences = [.. test.GetProperty("sequences").EnumerateArray().Select(Ints)];
            tokenizer.VocabularySize.ShouldBe(4096);
            for (int i = 0; i < texts.Length; i++) tokenizer.Decode(sequences[i]).ShouldBe(texts[i], id);
        }
        prompts.ShouldBeGreaterThan(0);
    }

    private static void Check(ITokenizer tokenizer, JsonElement test, int[] front, string id)
    {
        int[] ids = Ints(test.GetProperty("ids"));
        if (test.TryGetProperty("text", out JsonElement text))
        {
            int[] added = test.GetProperty("add_special_tokens").GetBoolean() ? front : [];
            ((int[])[.. added, .. tokenizer.Encode(text.GetString()!)]).ShouldBe(ids, id);
        }
        tokenizer.Decode(ids, skipSpecialTokens: false).ShouldBe(test.GetProperty("decode").GetString(), id);
        string skipped = test.GetProperty("decode_skip").GetString()!;
        tokenizer.Decode(ids, skipSpecialTokens: true).ShouldBe(skipped, id);

        ITextStream stream = tokenizer.NewStream();
        string[] pieces = [.. ids.Select(stream.Append), stream.Finish()];
        string.Concat(pieces).ShouldBe(skipped, id);
        JsonElement expected = test.GetProperty("stream");
        if (expected.ValueKind == JsonValueKind.Array && !skipped.Contains('\uFFFD'))
        {
            pieces.ShouldBe(expected.EnumerateArray().Select(piece => piece.GetString()), id);
        }
    }

    // What the file's template puts before a text; Encode leaves that to its caller.
    private static int[] TemplateFront(string name)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(ReferenceData.Tokenizers.PathOf(name, "tokenizer.json")));
        JsonElement template = file.RootElement.GetProperty("post_processor");
        if (template.ValueKind != JsonValueKind.Object || template.GetProperty("type").GetString() != "TemplateProcessing") return [];
        JsonElement tokens = template.GetProperty("special_tokens");
        return [.. template.GetProperty("single").EnumerateArray()
            .TakeWhile(part => part.TryGetProperty("SpecialToken", out _))
            .Select(part => part.GetProperty("SpecialToken").GetProperty("id").GetString()!)
            .SelectMany(token => Ints(tokens.GetProperty(token).GetProperty("ids")))];
    }

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];
}
