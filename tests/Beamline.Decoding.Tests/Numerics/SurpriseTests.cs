using Beamline.Decoding.Numerics;
using CsCheck;

namespace Beamline.Decoding.Tests.Numerics;

/// <summary>Kernels against plain twins, at lengths around the width of a vector.</summary>
public sealed class SurpriseTests
{
    private const int Iterations = 3_000;

    private static readonly Gen<float> Score = Gen.Frequency(
        (6, Gen.Int[-6, 6].Select(value => value * 0.5f)), (6, Gen.Float[-20, 20]), (1, Gen.Const(float.NegativeInfinity)),
        (1, Gen.Const(float.MinValue)));

    [Fact]
    public void Write_HasTheBitsOfItsScalarTwin_AndIsInfiniteWhereMaskedAlone() =>
        Gen.Select(Score.Array[1, 70], Gen.Float[0, 12], Gen.Int[0, 2].Select(i => i == 2 ? float.MaxValue : 5f * i)).Sample(
        (row, logTotal, above) =>
        {
            float max = Math.Max(row.Max(), -100) + above;
            float[] surprise = new float[row.Length], inPlace = [.. row];
            Surprise.Write(row, max, logTotal, surprise);
            Surprise.Write(inPlace, max, logTotal, inPlace);
            inPlace.ShouldBe(surprise);
            for (int i = 0; i < row.Length; i++)
            {
                float expected = Math.Min(logTotal - (row[i] - max), float.MaxValue);
                surprise[i].ShouldBe(float.IsNegativeInfinity(row[i]) ? float.PositiveInfinity : expected);
            }
        },
        iter: Iterations);

    [Fact]
    public void ToNearness_IsMinusTheDistance() => Gen.Select(Score.Array[0, 70], Gen.Float[0, 12]).Sample(
        (row, expected) =>
        {
            float[] nearness = [.. row.Select(value => -value)];
            Surprise.ToNearness(nearness, expected);
            nearness.ShouldBe(row.Select(value => -Math.Abs(-value - expected)));
        },
        iter: Iterations);

    [Fact]
    public void WeightedSum_HasTheBitsOfItsScalarTwin_AndIgnoresWhatWeighsNothing() =>
        Gen.Select(Score.Array[0, 70], Gen.Float[-3, 3], Gen.Float[-1, 1].Array[70]).Sample(
        (row, shift, signed) =>
        {
            float[] weights = [.. row.Select((value, i) => float.IsInfinity(value) ? 0 : Math.Max(signed[i], 0))];
            double[] lanes = new double[16];
            double tail = 0;
            for (int i = 0; i < row.Length; i++)
            {
                double term = weights[i] > 0 ? (double)weights[i] * (row[i] - shift) : 0;
                if (i < row.Length / 16 * 16) lanes[i % 16] += term;
                else tail += term;
            }
            double[] quarters = [.. lanes.Chunk(4).Select(quarter => quarter[0] + quarter[1] + quarter[2] + quarter[3])];
            Surprise.WeightedSum(row, shift, weights).ShouldBe(quarters[0] + quarters[1] + (quarters[2] + quarters[3]) + tail, 0);
        },
        iter: Iterations);
}
