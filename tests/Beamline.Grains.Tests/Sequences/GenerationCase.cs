using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Client;
using Beamline.Testing;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>One whole generation of the reference: what it was asked and what it gave.</summary>
internal sealed class GenerationCase(JsonElement line)
{
    private const float ScoreTolerance = 1e-4f;
    private const float LogprobTolerance = 1e-3f;
    private const int Top = 5;

    public string Name => line.GetProperty("case").GetString()!;

    /// <summary>All cases of a file; none when the file is not there.</summary>
    public static Dictionary<string, GenerationCase> All(string file) => ReferenceData.Golden.Has(file)
        ? ReferenceData.Golden.Cases(file).Select(line => new GenerationCase(line)).ToDictionary(one => one.Name)
        : [];

    /// <summary>Runs the case and compares everything that the reference recorded.</summary>
    public async Task CheckAsync(BeamlineClient client, string? model)
    {
        GenerationParameters parameters = line.GetProperty("params").Deserialize(GenerationJson.Default.GenerationParameters)!;
        bool hasLogprobs = line.TryGetProperty("logprobs", out JsonElement logprobs) && logprobs.ValueKind == JsonValueKind.Array;
        GenerationResult result = await client.GenerateAsync(
            new()
            {
                Id = RequestId.New(),
                Model = model,
                Prompts = [new TextPrompt(line.GetProperty("prompt").GetString()!)],
                Parameters = hasLogprobs ? parameters with { Logprobs = Top } : parameters,
            },
            TestContext.Current.CancellationToken);

        result.Usage.PromptTokens.ShouldBe(line.GetProperty("prompt_ids").GetArrayLength());
        result.Hypotheses.Select(found => string.Join(' ', found.Ids))
            .ShouldBe(line.GetProperty("sequences").EnumerateArray().Select(ids => string.Join(' ', ids.EnumerateArray())));
        result.Hypotheses.Select(found => found.Reason.Value).ShouldBe(Strings("finish"));
        result.Hypotheses.Select(found => found.Text).ShouldBe(Strings(line.TryGetProperty("texts_cut", out _) ? "texts_cut" : "texts"));
        CheckScores(result.Hypotheses);
        if (hasLogprobs) CheckLogprobs(result.Hypotheses.ShouldHaveSingleItem().Logprobs, logprobs);
    }

    private void CheckScores(ImmutableArray<Hypothesis> hypotheses)
    {
        if (!line.TryGetProperty("scores", out JsonElement scores) || scores.ValueKind != JsonValueKind.Array) return;
        int place = 0;
        foreach (JsonElement score in scores.EnumerateArray())
        {
            float expected = score.GetSingle();
            hypotheses[place++].Score!.Value.ShouldBe(expected, ScoreTolerance * float.Max(1, float.Abs(expected)));
        }
    }

    private static void CheckLogprobs(ImmutableArray<TokenLogprobs> found, JsonElement expected)
    {
        found.Length.ShouldBe(expected.GetArrayLength());
        foreach ((TokenLogprobs entry, JsonElement wanted) in found.Zip(expected.EnumerateArray()))
        {
            entry.Id.ShouldBe(wanted.GetProperty("id").GetInt32());
            entry.Raw.ShouldBe(wanted.GetProperty("raw").GetSingle(), LogprobTolerance);
            entry.Processed.ShouldBe(wanted.GetProperty("processed").GetSingle(), LogprobTolerance);
            CheckTop(entry.TopRaw, wanted.GetProperty("top5_raw"));
            CheckTop(entry.TopProcessed, wanted.GetProperty("top5_processed"));
        }
    }

    /// <summary>The values in order; the ids where neighbours are far enough apart for their order to mean something.</summary>
    private static void CheckTop(ImmutableArray<TokenLogprob> found, JsonElement expected)
    {
        (int Id, float Value)[] wanted = [.. expected.EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetSingle()))];
        found.Length.ShouldBe(wanted.Length);
        for (int i = 0; i < wanted.Length; i++)
        {
            found[i].Logprob.ShouldBe(wanted[i].Value, LogprobTolerance);
            bool apart = (i == 0 || wanted[i - 1].Value - wanted[i].Value > LogprobTolerance)
                && (i == wanted.Length - 1 ? i == 0 : wanted[i].Value - wanted[i + 1].Value > LogprobTolerance);
            if (apart) found[i].Id.ShouldBe(wanted[i].Id);
        }
    }

    private IEnumerable<string> Strings(string field) => line.GetProperty(field).EnumerateArray().Select(text => text.GetString()!);
}
