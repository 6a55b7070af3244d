using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Tests.Support;
using Beamline.Testing;

namespace Beamline.Decoding.Tests.Processors;

/// <summary>Processors, alone and in lists, against the reference's own.</summary>
public sealed class ReferenceProcessorTests
{
    [Theory]
    [InlineData("processors.jsonl", "classes"), InlineData("chains.jsonl", "order")]
    public void Processors_EveryCase_GiveTheReferencesScores(string file, string namesField)
    {
        int cases = 0;
        List<string> failures = [];
        foreach (JsonElement golden in ReferenceData.Golden.Cases(file))
        {
            try
            {
                Compare(golden, namesField);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                failures.Add($"{golden.Name()}: {failure.Message}");
            }
            cases++;
        }
        failures.ShouldBeEmpty();
        cases.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void OpenAiPenalties_EveryCase_FollowTheFormula()
    {
        foreach (JsonElement golden in ReferenceData.Golden.Cases("openai.jsonl"))
        {
            // A history may be empty there; the validator wants a prompt, so an unrelated one is put before it.
            ImmutableArray<int> ids = golden.GetProperty("ids").Ids();
            int prompt = golden.GetProperty("prompt_length").GetInt32();
            int padding = prompt == 0 ? 1 : 0;
            DecodingWorkspace workspace = new(golden.GetProperty("vocab").GetInt32());
            LogitsProcessorList list = LogitsProcessorList.Create(golden.Checked(prompt + padding), workspace);
            float[] scores = golden.GetProperty("scores").Floats();
            list.Process([.. Enumerable.Repeat(0, padding), .. ids], scores);
            ShouldMatch(scores, golden.GetProperty("expected").Floats(), golden.Name());
        }
    }

    private static void Compare(JsonElement golden, string namesField)
    {
        DecodingWorkspace workspace = new(golden.GetProperty("vocab").GetInt32());
        CheckedParameters parameters = golden.Checked(golden.GetProperty("prompt_length").GetInt32(), values => Given(golden, values));
        LogitsProcessorList list = LogitsProcessorList.Create(parameters, workspace);
        list.Names.ShouldBe([.. golden.GetProperty(namesField).EnumerateArray().Select(name => name.GetString()!)]);
        JsonElement[] ids = [.. golden.GetProperty("ids").EnumerateArray()], rows = [.. golden.GetProperty("scores").EnumerateArray()];
        for (int row = 0; row < rows.Length; row++)
        {
            float[] scores = rows[row].Floats();
            list.Process(ids[row].Ids().AsSpan(), scores);
            ShouldMatch(scores, golden.GetProperty("expected")[row].Floats(), $"row {row}");
            workspace.Seen.ShouldAllBe(word => word == 0);
        }
    }

    // Except for the processor top_k itself, cases of one processor leave it out when they mean that it is off.
    private static GenerationParameters Given(JsonElement golden, GenerationParameters values)
    {
        bool off = golden.TryGetProperty("processor", out JsonElement processor) && processor.GetString() != "top_k";
        return off ? values with { TopK = values.TopK ?? 0 } : values;
    }

    private static void ShouldMatch(float[] actual, float[] expected, string what)
    {
        actual.Length.ShouldBe(expected.Length);
        for (int id = 0; id < expected.Length; id++) GoldenCase.ShouldBeClose(actual[id], expected[id], $"{what} id {id}");
    }
}
