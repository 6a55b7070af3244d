using Beamline.Decoding.Sampling;
using CsCheck;

namespace Beamline.Decoding.Tests.Sampling;

public sealed class WeightedDrawTests
{
    [Fact]
    public void Draw_AnyFraction_IsWhereTheRunningSumExceedsIt() => Gen.Select(Gen.Int[0, 3].Array[1, 1_300], Gen.Double[0, 0.999]).Sample(
        (weights, fraction) =>
        {
            int total = weights.Sum(), sum = 0, expected = -1;
            for (int i = 0; i < weights.Length && expected < 0; i++)
            {
                sum += weights[i];
                if (sum > fraction * total) expected = i;
            }
            WeightedDraw.Draw([.. weights.Select(weight => (float)weight)], total, fraction).ShouldBe(expected);
        },
        iter: 2_000);

    /// <summary>A total that rounding made too large must not lead past the end, nor back to the front.</summary>
    [Theory]
    [InlineData(3), InlineData(600), InlineData(1_024)]
    public void Draw_TargetOutOfReach_IsTheLastWeight(int length)
    {
        float[] weights = [.. Enumerable.Repeat(1f, length), 0, 0];
        WeightedDraw.Draw(weights, length * 1.0001, fraction: 0.99999999).ShouldBe(length - 1);
    }

    [Fact]
    public void Draw_NoWeight_IsNothing() => WeightedDraw.Draw([0, 0], total: 0, fraction: 0.5).ShouldBe(-1);
}
