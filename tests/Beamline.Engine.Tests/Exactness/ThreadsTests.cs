using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>How many threads share a pass among them does not move a bit: each number of its result is one thread's sum.</summary>
public sealed class ThreadsTests(RealModel model) : IClassFixture<RealModel>
{
    private const int Rows = 16;
    private const int Vocabulary = 4096;

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@int4")]
    [InlineData("tales@w8a8")]
    public void AnyNumberOfThreads_SameLogits(string name)
    {
        List<string> alone = Compute(name, threads: 1);
        for (int threads = 2; threads <= 4; threads++) Compute(name, threads).ShouldBe(alone, $"{threads} threads");
    }

    /// <summary>Prompts of 2 to 64 tokens, then decode steps at 1 to 16 rows of different lengths.</summary>
    private List<string> Compute(string name, int threads)
    {
        Random random = new(11);
        List<string> found = [];
        using Passes passes = new(model.Find(name), threads, Rows);
        for (int tokens = 2; tokens <= 64; tokens++) found.Add($"prompt of {tokens}: {Hash(passes.Prefill(row: 0, Ids(tokens)))}");
        int[] lengths = [.. Enumerable.Range(0, Rows).Select(row => 3 + 11 * row)];
        for (int row = 0; row < Rows; row++) passes.Prefill(row, Ids(lengths[row]));
        for (int rows = 1; rows <= Rows; rows++)
        {
            found.Add($"{rows} rows: {Hash(passes.Decode(Ids(rows), lengths))}");
            for (int row = 0; row < rows; row++) lengths[row]++;
        }
        return found;

        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(1, Vocabulary))];
    }

    private static string Hash(ReadOnlySpan<float> logits) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(logits)));
}
