using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Tests.Clusters;
using Beamline.Testing;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>Next-token distributions of the embedded model against the reference, through the log-probabilities of a request.</summary>
public sealed class ReferenceDistributionTests(TalesCluster tales) : IClassFixture<TalesCluster>
{
    private const int Asked = 20;

    private static readonly Dictionary<string, JsonElement> ByName =
        ReferenceData.Golden.Cases("generate-tales-distributions.jsonl").ToDictionary(line => line.GetProperty("case").GetString()!);

    public static TheoryData<string> Cases { get; } = [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Distribution_EqualsTheReference(string name)
    {
        JsonElement expected = ByName[name];
        GenerationParameters values = expected.GetProperty("params").Deserialize(GenerationJson.Default.GenerationParameters)!;

        GenerationRequest request = Requests.Of(values with { Logprobs = Asked, Seed = 1 }, expected.GetProperty("prompt").GetString()!);
        GenerationResult result = await tales.Client.GenerateAsync(request, TestContext.Current.CancellationToken);

        TokenLogprobs first = result.Hypotheses[0].Logprobs[0];
        Dictionary<int, double> wanted = expected.GetProperty("top").EnumerateArray()
            .ToDictionary(pair => pair[0].GetInt32(), pair => pair[1].GetDouble());
        int kept = expected.GetProperty("kept").GetInt32();
        first.TopProcessed.Length.ShouldBe(int.Min(kept, Asked));
        foreach (TokenLogprob token in first.TopProcessed)
        {
            Math.Exp(token.Logprob).ShouldBe(wanted.GetValueOrDefault(token.Id), 1e-4, $"id {token.Id}");
        }
        double least = Math.Exp(first.TopProcessed[^1].Logprob);
        wanted.Where(pair => pair.Value > least + 2e-4).Select(pair => pair.Key)
            .ShouldBeSubsetOf(first.TopProcessed.Select(token => token.Id));
    }
}
