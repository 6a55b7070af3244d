using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Sampling;
using Beamline.Decoding.Tests.Support;
using Beamline.Testing;

namespace Beamline.Decoding.Tests.Sampling;

/// <summary>What is drawn, against the reference's distributions and against outcomes counted there.</summary>
public sealed class ReferenceDistributionTests
{
    private const int Draws = 4_000;

    [Fact]
    public void Distribution_EveryCase_HasTheReferencesSupportAndProbabilities()
    {
        foreach (JsonElement golden in Cases())
        {
            float[] scores = Processed(golden);
            double max = scores.Max(), total = scores.Sum(score => Math.Exp(score - max));
            double[] expected = Probabilities(golden);
            scores.Count(score => !float.IsNegativeInfinity(score)).ShouldBe(golden.GetProperty("support").GetInt32(), golden.Name());
            for (int id = 0; id < expected.Length; id++)
            {
                double actual = Math.Exp(scores[id] - max) / total;
                actual.ShouldBe(expected[id], Math.Max(2e-6, 1e-5 * expected[id]), $"{golden.Name()} id {id}");
            }
        }
    }

    [Fact]
    public void Draws_EveryCase_FitTheReferencesProbabilities()
    {
        foreach (JsonElement golden in Cases())
        {
            float[] scores = Processed(golden);
            double[] probabilities = Probabilities(golden);
            MultinomialSelector selector = new(new RandomSource(20_251_126), new(scores.Length));
            int[] counts = new int[scores.Length];
            for (int draw = 0; draw < Draws; draw++) counts[selector.Select(scores, branch: draw % 7, position: draw / 7)]++;
            for (int id = 0; id < counts.Length; id++)
            {
                (counts[id] > 0 && probabilities[id] == 0).ShouldBeFalse($"{golden.Name()} drew masked id {id}");
            }
            ChiSquare.ShouldFit(counts, probabilities, Draws, golden.Name());
        }
    }

    [Fact]
    public void BeamSampling_EveryCase_GivesTheReferencesOutcomesAsOften()
    {
        const int Runs = 6_000, Frequent = 25;
        foreach (JsonElement golden in ReferenceData.Golden.Cases("beam_sampling.jsonl"))
        {
            ImmutableArray<int> prompt = golden.GetProperty("prompt").Ids();
            TableModel model = TableModel.OfRows(golden.GetProperty("table_rows"));
            Dictionary<string, int> found = [];
            for (int run = 0; run < Runs; run++)
            {
                CheckedParameters parameters = golden.Checked(prompt.Length, values => values with { Seed = run });
                ImmutableArray<FinishedHypothesis> hypotheses = Support.Runs.Run(model, Support.Runs.Ticket(parameters, prompt));
                string outcome = Describe(hypotheses.Select(hypothesis => hypothesis.Ids));
                found[outcome] = found.GetValueOrDefault(outcome) + 1;
            }
            var frequent = golden.GetProperty("outcomes").EnumerateArray()
                .Select(outcome => (Text: Describe(outcome.GetProperty("sequences").EnumerateArray().Select(GoldenCase.Ids)),
                    Count: outcome.GetProperty("count").GetInt32()))
                .Where(outcome => outcome.Count >= Frequent).ToArray();
            int total = golden.GetProperty("runs").GetInt32();
            // What is rare is one outcome more.
            int[] expected = [.. frequent.Select(outcome => outcome.Count), total - frequent.Sum(outcome => outcome.Count) + 1];
            int[] seen = [.. frequent.Select(outcome => found.GetValueOrDefault(outcome.Text))];
            ChiSquare.ShouldAgree(expected, total, [.. seen, Runs - seen.Sum() + 1], Runs, golden.Name());
        }
    }

    private static IEnumerable<JsonElement> Cases() => ReferenceData.Golden.Cases("sampling.jsonl");

    private static float[] Processed(JsonElement golden)
    {
        CheckedParameters parameters = golden.Checked(golden.GetProperty("prompt_length").GetInt32());
        LogitsProcessorList list = LogitsProcessorList.Create(parameters, new(golden.GetProperty("vocab").GetInt32()));
        list.Names.ShouldBe([.. golden.GetProperty("order").EnumerateArray().Select(name => name.GetString()!)], golden.Name());
        float[] scores = golden.GetProperty("scores").Floats();
        list.Process(golden.GetProperty("ids").Ids().AsSpan(), scores);
        return scores;
    }

    private static double[] Probabilities(JsonElement golden) =>
        [.. golden.GetProperty("probabilities").EnumerateArray().Select(value => value.GetDouble())];

    private static string Describe(IEnumerable<ImmutableArray<int>> sequences) =>
        string.Join("; ", sequences.Select(ids => string.Join(",", ids)));
}
