using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Processors;

public sealed class WarperPropertyTests
{
    private static readonly Gen<float> Score = Gen.Frequency(
        (4, Gen.Int[-6, 6].Select(value => value * 0.5f)), (4, Gen.Float[-12, 12]), (1, Gen.Const(float.NegativeInfinity)));

    private static readonly Gen<GenerationParameters> AnyParameters =
        from temperature in Gen.Float[0.05f, 20]
        from topK in Gen.Int[0, 12]
        from topP in Gen.Float[0, 1]
        from other in Gen.Int[0, 5]
        from strength in Gen.Float[0.01f, 0.99f]
        from penalty in Gen.Float[0.5f, 2]
        from ngram in Gen.Int[0, 3]
        select new GenerationParameters
        {
            DoSample = true, Temperature = temperature, TopK = topK, TopP = topP, RepetitionPenalty = penalty, NoRepeatNgramSize = ngram,
            EncoderRepetitionPenalty = 2 - penalty / 2, EncoderNoRepeatNgramSize = 3 - ngram, PresencePenalty = penalty,
            FrequencyPenalty = -penalty,
            MinP = other == 1 ? strength : null, TypicalP = other == 2 ? strength : null, EpsilonCutoff = other == 3 ? strength : null,
            EtaCutoff = other == 4 ? strength : null, TopH = other == 5 ? strength : null, RenormalizeLogits = ngram == 1,
            MinNewTokens = ngram, EosTokenId = [1, 99], SequenceBias = [new([2], strength), new([3, 4], -strength)],
        };

    private static readonly Gen<(GenerationParameters Values, float[] Row, int[] Generated)> Case =
        Gen.Select(AnyParameters, Score.Array[8, 40], Gen.Int[0, 7].Array[0, 6]);

    [Fact]
    public void Process_MaskedEntries_StayMasked() => Case.Sample(
        sample =>
        {
            float[] processed = Process(sample.Values, sample.Row, sample.Generated);
            for (int id = 0; id < processed.Length; id++)
            {
                if (float.IsNegativeInfinity(sample.Row[id])) processed[id].ShouldBe(float.NegativeInfinity);
            }
        },
        iter: 5_000);

    [Fact]
    public void Process_WhatIsLeft_IsADistribution() => Case.Sample(
        sample =>
        {
            float[] processed = Process(sample.Values, sample.Row, sample.Generated);
            processed.ShouldAllBe(score => float.IsNegativeInfinity(score) || float.IsFinite(score));
            if (processed.All(float.IsNegativeInfinity)) return;
            double max = processed.Max(), total = processed.Sum(score => Math.Exp(score - max));
            processed.Sum(score => Math.Exp(score - max) / total).ShouldBe(1, 1e-9);
        },
        iter: 5_000);

    [Fact]
    public void Process_EachWarper_KeepsTheLikeliestOfWhatIsLeft() =>
        Gen.Select(Score.Array[8, 40], Gen.Int[1, 50], Gen.Float[0, 1], Gen.Int[1, 3]).Sample(
        (row, k, p, keep) =>
        {
            DecodingWorkspace workspace = new(row.Length);
            ILogitsProcessor[] warpers =
            [
                new TopKLogitsWarper(k, keep, workspace), new TopPLogitsWarper(p, keep, workspace),
                new MinPLogitsWarper(p, keep, workspace),
                new EpsilonLogitsWarper(p, keep, workspace), new EtaLogitsWarper(p, keep, workspace), new TopHLogitsWarper(p, workspace),
            ];
            foreach (ILogitsProcessor warper in warpers)
            {
                float[] processed = [.. row];
                warper.Process([], processed);
                int[] kept = [.. Enumerable.Range(0, row.Length).Where(id => !float.IsNegativeInfinity(processed[id]))];
                int before = row.Count(score => !float.IsNegativeInfinity(score));
                foreach (int id in kept) processed[id].ShouldBe(row[id], warper.Name);
                if (before == 0) continue;
                kept.Length.ShouldBeGreaterThanOrEqualTo(Math.Min(warper is TopHLogitsWarper ? 1 : keep, before), warper.Name);
                float dropped = row.Except(kept.Select(id => row[id])).DefaultIfEmpty(float.NegativeInfinity).Max();
                kept.Min(id => row[id]).ShouldBeGreaterThanOrEqualTo(dropped, warper.Name);
            }
        },
        iter: 3_000);

    /// <summary>The nucleus found by halving is the one that sorting the whole row gives.</summary>
    [Theory]
    [InlineData(40, 4_000), InlineData(700, 200), InlineData(40_000, 40)]
    public void TopP_KeepsWhatAFullSortKeeps(int longest, int iterations) =>
        Gen.Select(Score.Array[1, longest], Gen.Frequency((8, Gen.Float[0, 1]), (1, Gen.Const(1f))), Gen.Int[1, 4]).Sample(
        (row, p, keep) =>
        {
            float[] processed = [.. row];
            new TopPLogitsWarper(p, keep, new(row.Length)).Process([], processed);
            if (row.All(float.IsNegativeInfinity)) return;

            double max = row.Max(), total = row.Sum(score => Math.Exp(score - max)), before = 0;
            int[] order = [.. Enumerable.Range(0, row.Length).OrderByDescending(id => row[id]).ThenByDescending(id => id)];
            for (int rank = 0; rank < order.Length; rank++)
            {
                double margin = before / total - p;
                // Too near to call: rounding decides.
                if (Math.Abs(margin) < 1e-6) return;
                bool kept = (margin < 0 || rank < keep) && !float.IsNegativeInfinity(row[order[rank]]);
                (!float.IsNegativeInfinity(processed[order[rank]])).ShouldBe(kept);
                before += Math.Exp(row[order[rank]] - max);
            }
        },
        iter: iterations);

    [Fact]
    public void TopP_RowsOfEqualScores_KeepTheHighestIds()
    {
        float[] scores = new float[1_000];
        new TopPLogitsWarper(0.2995f, 1, new(1_000)).Process([], scores);
        Enumerable.Range(0, 1_000).Where(id => scores[id] == 0).ShouldBe(Enumerable.Range(700, 300));
    }

    /// <summary>What is found without sorting the row is what sorting it by distance and then by id gives.</summary>
    [Theory]
    [InlineData(40, 4_000), InlineData(700, 200), InlineData(40_000, 40)]
    public void Typical_KeepsWhatAFullSortKeeps(int longest, int iterations) =>
        Gen.Select(Score.Array[1, longest], Gen.Float[0.01f, 0.99f], Gen.Int[1, 4]).Sample(
        (row, mass, keep) =>
        {
            float[] processed = [.. row];
            new TypicalLogitsWarper(mass, keep, new(row.Length)).Process([], processed);
            if (row.All(float.IsNegativeInfinity)) return;

            double max = row.Max(), total = row.Sum(score => Math.Exp(score - max)), logTotal = Math.Log(total), reached = 0;
            double entropy = row.Where(float.IsFinite).Sum(score => Math.Exp(score - max) / total * (logTotal - (score - max)));
            double[] distances = [.. row.Select(score => Math.Abs(logTotal - (score - max) - entropy))];
            int[] order = [.. Enumerable.Range(0, row.Length).Where(id => float.IsFinite(row[id])).OrderBy(id => distances[id])];
            int last = 0;
            for (; last < order.Length; last++)
            {
                reached += Math.Exp(row[order[last]] - max) / total;
                // Too near to call: rounding decides.
                if (Math.Abs(reached - mass) < 1e-6) return;
                if (reached >= mass) break;
            }
            for (int rank = 0; rank < order.Length; rank++)
            {
                double beyond = distances[order[rank]] - distances[order[last]];
                // The same distance but for rounding, or an order among such that rounding may change.
                if (Math.Abs(beyond) < 1e-5 || (rank >= keep - 4 && rank < keep + 4)) continue;
                (!float.IsNegativeInfinity(processed[order[rank]])).ShouldBe(beyond < 0 || rank < keep, $"rank {rank} of {order.Length}");
            }
            processed.Count(float.IsFinite).ShouldBeGreaterThanOrEqualTo(Math.Min(keep, order.Length));
        },
        iter: iterations);

    /// <summary>
    /// Two likely tokens and 100 that are alike: which of the two kinds is nearer to the entropy depends on their weights.
    /// </summary>
    [Fact]
    public void Typical_EqualDistances_StayTogether_AndOfThoseToKeepTheLowestIdsComeFirst()
    {
        float[] likely = [.. Enumerable.Repeat(MathF.Log(100), 2), .. Enumerable.Repeat(0f, 100)];
        TypicalOf(likely, keep: 1).ShouldBe([0, 1]);
        TypicalOf(likely, keep: 5).ShouldBe([0, 1, 2, 3, 4]);
        float[] unlikely = [.. Enumerable.Repeat(MathF.Log(25), 2), .. Enumerable.Repeat(0f, 100)];
        TypicalOf(unlikely, keep: 1).ShouldBe(Enumerable.Range(2, 100));
        TypicalOf(unlikely, keep: 101).ShouldBe([0, .. Enumerable.Range(2, 100)]);

        static int[] TypicalOf(float[] row, int keep)
        {
            float[] scores = [.. row];
            new TypicalLogitsWarper(0.3f, keep, new(row.Length)).Process([], scores);
            return Kept(scores);
        }
    }

    [Fact]
    public void TopH_MoreEqualScoresThanAreConsidered_KeepsTheLowestIds()
    {
        float[] scores = new float[1_000];
        scores[700] = 1;
        new TopHLogitsWarper(0.5f, new(1_000)).Process([], scores);
        int[] kept = Kept(scores);
        kept.Length.ShouldBeInRange(30, 70);
        kept.ShouldBe([.. Enumerable.Range(0, kept.Length - 1), 700]);
    }

    private static int[] Kept(float[] scores) => [.. Enumerable.Range(0, scores.Length).Where(id => float.IsFinite(scores[id]))];

    private static float[] Process(GenerationParameters values, float[] row, int[] generated)
    {
        ImmutableArray<int> prompt = [3, 4, 3];
        ParameterContext context = new(row.Length, 100, [], prompt.Length, 0);
        float[] processed = [.. row];
        LogitsProcessorList list = LogitsProcessorList.Create(ParameterValidator.Check(values, context).OrThrow(), new(row.Length));
        list.Process([.. prompt, .. generated], processed);
        return processed;
    }
}
