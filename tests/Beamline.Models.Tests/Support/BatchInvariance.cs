using Beamline.Models.Catalogue;

namespace Beamline.Models.Tests.Support;

/// <summary>Demands the same bits for the same row, whatever runs beside it and however many threads do.</summary>
public static class BatchInvariance
{
    private const int Steps = 6;

    /// <summary>Right-padded prompts of many lengths, then decode steps of ever fewer rows, against each row alone on one thread.</summary>
    public static void RowsShouldBeIndependent(CachedModel model, int threads)
    {
        int vocabulary = model.Description.VocabularySize;
        int[][] prompts = [.. new[] { 7, 2, 31, 3, 64, 12, 2, 19, 40, 5, 9 }.Select((length, row) => Prompt(vocabulary, row, length))];
        using GraphRunner solo = new(model.GraphPath, model.Description);
        using GraphRunner together = new(model.GraphPath, model.Description, prompts.Length, threads);
        float[][][] alone = [.. prompts.Select((prompt, row) => RunAlone(solo, vocabulary, prompt, row))];

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
            float[][] decoded = together.Decode([.. Enumerable.Range(0, rows).Select(row => Next(vocabulary, row, step))]);
            for (int row = 0; row < rows; row++)
            {
                Bits.ShouldBeTheSame(decoded[row], alone[row][prompts[row].Length + step], $"row {row} of {rows}, step {step}");
            }
        }
    }

    /// <summary>A prompt in chunks of two or more tokens, and what is decoded behind it, against the prompt in one piece.</summary>
    public static void ChunksShouldBeAsTheWhole(CachedModel model, int threads)
    {
        int vocabulary = model.Description.VocabularySize;
        int[] prompt = Prompt(vocabulary, 3, 75);
        using GraphRunner runner = new(model.GraphPath, model.Description, threads: threads);
        float[][] whole = RunAlone(runner, vocabulary, prompt, 0);
        foreach (int[] chunks in (int[][])[[2, 2, 71], [32, 32, 11], [73, 2], [17, 3, 5, 50]])
        {
            List<float[]> logits = [.. runner.Prefill(prompt[..chunks[0]])];
            foreach (int chunk in chunks[1..]) logits.AddRange(runner.Continue(prompt[logits.Count..(logits.Count + chunk)]));
            for (int step = 0; step < Steps; step++) logits.AddRange(runner.Decode(Next(vocabulary, 0, step)));
            logits.Count.ShouldBe(whole.Length);
            string split = string.Join("+", chunks);
            for (int at = 0; at < whole.Length; at++) Bits.ShouldBeTheSame(logits[at], whole[at], $"chunks {split}, position {at}");
        }
    }

    private static float[][] RunAlone(GraphRunner runner, int vocabulary, int[] prompt, int row)
    {
        List<float[]> logits = [.. runner.Prefill(prompt)];
        for (int step = 0; step < Steps; step++) logits.AddRange(runner.Decode(Next(vocabulary, row, step)));
        return [.. logits];
    }

    private static int[] Prompt(int vocabulary, int row, int length) =>
        [.. Enumerable.Range(0, length).Select(at => ((at * 389) + (row * 1013) + 17) % vocabulary)];

    private static int Next(int vocabulary, int row, int step) => ((step * 271) + (row * 577) + 5) % vocabulary;
}
