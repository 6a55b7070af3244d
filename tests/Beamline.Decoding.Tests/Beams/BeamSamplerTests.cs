using Beamline.Decoding.Beams;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Sampling;
using Beamline.Decoding.Search;
using CsCheck;

namespace Beamline.Decoding.Tests.Beams;

public sealed class BeamSamplerTests
{
    private const int Draws = 12;

    // Rows that are mostly masked are copied, others are not: both kinds meet in one step.
    private static readonly Gen<float[]> Row = Gen.Int[0, 4].SelectMany(masks => Gen.Frequency(
        (5 - masks, Gen.Float[-8, 2]), (2 * masks, Gen.Const(float.NegativeInfinity))).Array[90]);

    private static readonly Gen<float[]> AnyRow = Gen.Frequency(
        (12, Row), (1, Row.Select(row => (float[])[float.NaN, .. row[1..]])), (1, Gen.Const(float.NegativeInfinity).Array[90]));

    /// <summary>
    /// A plain twin adds up what is left before each draw. Where a draw falls on a border, rounding decides, and the case ends.
    /// </summary>
    [Fact]
    public void Draw_AnyRows_IsWhatAddingUpAnewForEachDrawGives() =>
        Gen.Select(AnyRow.Array[1, 5], Gen.Float[-9, 0].Array[5], Gen.ULong).Sample(
        (rows, sums, seed) =>
        {
            (int Row, int Token, float Score)[] left =
            [
                .. rows.SelectMany((row, parent) => row.Any(float.IsNaN)
                    ? []
                    : row.Select((score, token) => (parent, token, score + sums[parent]))),
            ];
            List<RankedToken> expected = [];
            RandomSource random = new(seed);
            double max = left.Select(way => (double)way.Score).DefaultIfEmpty(double.NegativeInfinity).Max();
            double[] weights = [.. left.Select(way => double.IsFinite(max) ? Math.Exp(way.Score - max) : 0)];
            for (int draw = 0; draw < Draws && weights.Sum() is var total && total > 0; draw++)
            {
                double target = random.Uniform(0, 3, draw) * total, sum = 0;
                int chosen = -1;
                while (chosen < 0 || sum <= target) sum += weights[++chosen];
                if (sum - target < 1e-6 * total || target - (sum - weights[chosen]) < 1e-6 * total) return;
                weights[chosen] = 0;
                expected.Add(new(left[chosen].Row, left[chosen].Token, left[chosen].Score));
            }
            Draw(rows, sums, random).ShouldBe(expected.OrderByDescending(way => way.Score));
        },
        iter: 3_000);

    private static RankedToken[] Draw(float[][] rows, float[] sums, RandomSource random)
    {
        const int VocabularySize = 90;
        BeamSampler sampler = new(random, rows.Length, VocabularySize);
        BestTokens candidates = new(Draws);
        LogitsRows logits = new(rows.SelectMany(row => row).ToArray(), VocabularySize);
        sampler.Clear();
        for (int parent = 0; parent < rows.Length; parent++) sampler.Offer(parent, logits[parent], sums[parent]);
        sampler.Draw(logits, position: 3, candidates);
        return candidates.Rank().ToArray();
    }
}
