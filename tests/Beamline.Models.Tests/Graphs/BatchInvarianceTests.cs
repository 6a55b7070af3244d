using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;

namespace Beamline.Models.Tests.Graphs;

/// <summary>What the same bytes for the same request rest on: the bits of a row's logits do not depend on the rows beside it.</summary>
public sealed class BatchInvarianceTests(ImportedTales tales) : IClassFixture<ImportedTales>
{
    private const int Steps = 6;

    public static TheoryData<WeightPrecision, int> Cases =>
        new MatrixTheoryData<WeightPrecision, int>(Enum.GetValues<WeightPrecision>(), [1, 2]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Row_InBatchOfStrangers_SameBitsAsAlone(WeightPrecision precision, int threads)
    {
        CachedModel model = tales.Open(precision);
        int[][] prompts = [.. new[] { 7, 2, 31, 3, 64, 12, 2, 19, 40, 5, 9 }.Select((length, row) => Prompt(row, length))];
        using GraphRunner solo = new(model.GraphPath, model.Description, threads: threads);
        float[][][] alone = [.. prompts.Select((prompt, row) => RunAlone(solo, prompt, row))];

        using GraphRunner together = new(model.GraphPath, model.Description, prompts.Length, threads);
        float[][] logits = together.Prefill(prompts);
        int at = 0;
        for (int row = 0; row < prompts.Length; row++)
        {
            for (int position = 0; position < prompts[row].Length; position++)
            {
                Bits.ShouldBeTheSame(logits[at++], alone[row][position], $"row {row}, position {position}");
            }
        }
        for (int step = 0; step < Steps; step++)
        {
            // Every other step leaves the last rows out: a batch may be any number of first rows.
            int rows = prompts.Length - (step / 2);
            float[][] decoded = together.Decode([.. Enumerable.Range(0, rows).Select(row => Next(row, step))]);
            for (int row = 0; row < rows; row++)
            {
                Bits.ShouldBeTheSame(decoded[row], alone[row][prompts[row].Length + step], $"row {row} of {rows}, step {step}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Prefill_InChunksOfTwoOrMore_SameBitsAsWhole(WeightPrecision precision, int threads)
    {
        CachedModel model = tales.Open(precision);
        int[] prompt = Prompt(3, 75);
        using GraphRunner runner = new(model.GraphPath, model.Description, threads: threads);
        float[][] whole = RunAlone(runner, prompt, 0);
        foreach (int[] chunks in (int[][])[[2, 2, 71], [32, 32, 11], [73, 2], [17, 3, 5, 50]])
        {
            List<float[]> logits = [.. runner.Prefill(prompt[..chunks[0]])];
            foreach (int chunk in chunks[1..]) logits.AddRange(runner.Continue(prompt[logits.Count..(logits.Count + chunk)]));
            for (int step = 0; step < Steps; step++) logits.AddRange(runner.Decode(Next(0, step)));
            logits.Count.ShouldBe(whole.Length);
            string split = string.Join("+", chunks);
            for (int at = 0; at < whole.Length; at++) Bits.ShouldBeTheSame(logits[at], whole[at], $"chunks {split}, position {at}");
        }
    }

    private static float[][] RunAlone(GraphRunner runner, int[] prompt, int row)
    {
        List<float[]> logits = [.. runner.Prefill(prompt)];
        for (int step = 0; step < Steps; step++) logits.AddRange(runner.Decode(Next(row, step)));
        return [.. logits];
    }

    private static int[] Prompt(int row, int length) =>
        [.. Enumerable.Range(0, length).Select(at => ((at * 389) + (row * 1013) + 17) % 4096)];

    private static int Next(int row, int step) => ((step * 271) + (row * 577) + 5) % 4096;
}
