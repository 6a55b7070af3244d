using System.Numerics.Tensors;
using System.Text.Json;
using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Testing;

namespace Beamline.Models.Tests.Graphs;

/// <summary>What rounding the weights costs: the likelihood of stories under the quantised model against the fp32 one.</summary>
public sealed class PrecisionTests(ImportedTales tales) : IClassFixture<ImportedTales>
{
    private const int ShortestStory = 24;
    private const int TokensRead = 5000;

    // Measured with AVX-512 VNNI over 22,237 tokens: int8 +0.0000, w8a8 +0.0003, int4 +0.0128 nats a token. The
    // limits leave room for other processors and other stories.
    [Theory]
    [InlineData(WeightPrecision.Int8, 0.01)]
    [InlineData(WeightPrecision.W8A8, 0.02)]
    [InlineData(WeightPrecision.Int4, 0.15)]
    public void Quantised_OnStories_LosesLittleLikelihood(WeightPrecision precision, double allowedNats)
    {
        int[][] stories = Stories();
        double exact = NatsPerToken(tales.Open(WeightPrecision.Fp32), stories), rounded = NatsPerToken(tales.Open(precision), stories);
        int tokens = stories.Sum(story => story.Length);
        string figures = $"{stories.Length} stories, {tokens} tokens: fp32 {exact:f4}, {precision.Name()} {rounded:f4} nats a token";
        TestContext.Current.TestOutputHelper!.WriteLine(figures);
        Math.Abs(rounded - exact).ShouldBeLessThan(allowedNats, figures);
    }

    [Theory]
    [InlineData(WeightPrecision.Int8)]
    [InlineData(WeightPrecision.W8A8)]
    [InlineData(WeightPrecision.Int4)]
    public void Quantised_Weights_AreSmallerThanFp32(WeightPrecision precision) =>
        DataBytes(precision).ShouldBeLessThan(DataBytes(WeightPrecision.Fp32) * 6 / 10);

    private long DataBytes(WeightPrecision precision) => new FileInfo($"{tales.Open(precision).GraphPath}.data").Length;

    private static int[][] Stories()
    {
        Assert.SkipUnless(ReferenceData.Golden.Has("generate-tales.jsonl"), $"{ReferenceData.Golden.Folder} holds no generate-tales.jsonl");
        int read = 0;
        return [.. ReferenceData.Golden.Cases("generate-tales.jsonl")
            .SelectMany(Sequences)
            .Where(story => story.Length >= ShortestStory)
            .TakeWhile(story => (read += story.Length) <= TokensRead)];

        static IEnumerable<int[]> Sequences(JsonElement test) => test.GetProperty("sequences").EnumerateArray()
            .Select(ids => (int[])[.. Ids(test.GetProperty("prompt_ids")), .. Ids(ids)]);

        static IEnumerable<int> Ids(JsonElement list) => list.EnumerateArray().Select(id => id.GetInt32());
    }

    private static double NatsPerToken(CachedModel model, int[][] stories)
    {
        using GraphRunner runner = new(model.GraphPath, model.Description);
        double nats = 0;
        long tokens = 0;
        foreach (int[] story in stories)
        {
            float[][] logits = runner.Prefill(story);
            for (int at = 1; at < story.Length; at++) nats -= LogProbability(logits[at - 1], story[at]);
            tokens += story.Length - 1;
        }
        return nats / tokens;
    }

    private static double LogProbability(float[] logits, int id)
    {
        float largest = TensorPrimitives.Max<float>(logits), chosen = logits[id];
        TensorPrimitives.Subtract(logits, largest, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        return chosen - largest - Math.Log(TensorPrimitives.Sum<float>(logits));
    }
}
