using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;
using Beamline.Testing;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>Whole generations of the embedded model against the reference, through client, grains and engine on two silos.</summary>
public sealed class ReferenceGenerationTests(TalesCluster tales) : IClassFixture<TalesCluster>
{
    public static TheoryData<string> Cases { get; } =
        [.. ReferenceData.Golden.Cases("generate-tales.jsonl").Select(line => line.GetProperty("case").GetString()!)];

    private static readonly Dictionary<string, JsonElement> ByName =
        ReferenceData.Golden.Cases("generate-tales.jsonl").ToDictionary(line => line.GetProperty("case").GetString()!);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Generation_EqualsTheReference(string name)
    {
        JsonElement expected = ByName[name];
        GenerationRequest request = new()
        {
            Id = RequestId.New(),
            Prompts = [new TextPrompt(expected.GetProperty("prompt").GetString()!)],
            Parameters = expected.GetProperty("params").Deserialize(GenerationJson.Default.GenerationParameters)!,
        };

        GenerationResult result = await tales.Client.GenerateAsync(request, TestContext.Current.CancellationToken);

        result.Usage.PromptTokens.ShouldBe(expected.GetProperty("prompt_ids").GetArrayLength());
        result.Hypotheses.Select(found => string.Join(' ', found.Ids))
            .ShouldBe(expected.GetProperty("sequences").EnumerateArray().Select(ids => string.Join(' ', ids.EnumerateArray())));
        result.Hypotheses.Select(found => found.Reason.Value).ShouldBe(Strings(expected, "finish"));
        string texts = expected.TryGetProperty("texts_cut", out _) ? "texts_cut" : "texts";
        result.Hypotheses.Select(found => found.Text).ShouldBe(Strings(expected, texts));
        if (!expected.TryGetProperty("scores", out JsonElement scores) || scores.ValueKind != JsonValueKind.Array) return;
        ImmutableArray<float> wanted = [.. scores.EnumerateArray().Select(score => score.GetSingle())];
        for (int i = 0; i < wanted.Length; i++)
        {
            float tolerance = 1e-4f * float.Max(1, float.Abs(wanted[i]));
            result.Hypotheses[i].Score!.Value.ShouldBe(wanted[i], tolerance);
        }
    }

    private static IEnumerable<string> Strings(JsonElement line, string field) =>
        line.GetProperty(field).EnumerateArray().Select(text => text.GetString()!);
}
