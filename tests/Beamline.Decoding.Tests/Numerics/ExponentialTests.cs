using System.Runtime.Intrinsics;
using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Tests.Numerics;

public sealed class ExponentialTests
{
    [Fact]
    public void OfNonPositive_EveryThousandth_IsTheExponentialWithinItsError()
    {
        for (int thousandth = 0; thousandth >= -87_300; thousandth--)
        {
            float x = thousandth / 1_000f;
            double exact = Math.Exp(x);
            ((double)Of(x)).ShouldBe(exact, 1.5e-7 * exact, $"exp({x})");
        }
    }

    [Theory]
    [InlineData(0f, 1f), InlineData(-88f, 0f), InlineData(-1e30f, 0f), InlineData(float.MinValue, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void OfNonPositive_Ends_AreExact(float x, float expected) => Of(x).ShouldBe(expected);

    private static float Of(float x) => Exponential.OfNonPositive(Vector512.Create(x)).ToScalar();
}
