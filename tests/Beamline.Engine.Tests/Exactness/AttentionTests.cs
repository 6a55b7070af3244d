using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>
/// Attention gives a row the same bits wherever a prompt is cut, whatever stands beside it and however many threads there are, also where
/// ONNX Runtime would cut it into tiles.
/// </summary>
public sealed class AttentionTests(RealModel model) : IClassFixture<RealModel>
{
    /// <summary>A tile of queries is 2 x head size long: one token more leaves a tile of one row.</summary>
    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@int4")]
    [InlineData("tales@w8a8")]
    public void PromptWholeInPiecesOrPadded_SameBits(string name)
    {
        using Passes passes = new(model.Find(name), threads: 1, rows: 2);
        foreach (int length in (int[])[127, 128, 129, 130, 193, 257, 300])
        {
            int[] ids = Ids(length, 4096);
            float[] whole = passes.Prefill(row: 0, ids).ToArray();
            passes.Prefill(row: 0, ids.AsSpan(0, 64));
            passes.Prefill(row: 0, ids.AsSpan(64), start: 64).SequenceEqual(whole).ShouldBeTrue($"{length} tokens in two pieces");
            passes.PrefillTogether(ids, Ids(length + 11, 4096))[..4096].SequenceEqual(whole).ShouldBeTrue($"{length} tokens, padded");
        }
    }

    /// <summary>Heads so wide that a history is cut at 2 MiB / (32 x 256) positions, and so few that threads are idle.</summary>
    [Fact]
    public void LongHistoryAnyThreadsAndRows_SameBits()
    {
        const int vocabulary = 300, length = 600;
        using TemporaryFolder folder = new();
        new RandomGpt2 { Width = 512, Heads = 2, Layers = 2, ContextLength = 1024, VocabularySize = vocabulary }.Write(folder.Path);
        int[] prompt = Ids(length, vocabulary);
        float[]? expected = null;
        foreach (int threads in (int[])[1, 2, 3, 5, 8])
        {
            using Passes passes = new(model.Find(folder.Path), threads, rows: 4);
            for (int row = 0; row < 4; row++) passes.Prefill(row, prompt);
            foreach (int rows in (int[])[1, 2, 4])
            {
                int[] tokens = [.. Enumerable.Repeat(7, rows)], lengths = [.. Enumerable.Repeat(length, rows)];
                float[] logits = passes.Decode(tokens, lengths)[..vocabulary].ToArray();
                logits.AsSpan().SequenceEqual(expected ??= logits).ShouldBeTrue($"{threads} threads, {rows} rows");
            }
        }
    }

    private static int[] Ids(int count, int vocabulary)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(1, vocabulary))];
    }
}
