using Beamline.Decoding.Metrics;

namespace Beamline.Decoding.Tests.Metrics;

public sealed class TextMetricsTests
{
    [Fact]
    public void MeanLogLikelihood_IsTheMean()
    {
        TextMetrics.MeanLogLikelihood([-1, -2, -6]).ShouldBe(-3);
        TextMetrics.MeanLogLikelihood([]).ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData(1, 3 / 7.0), InlineData(2, 3 / 5.0), InlineData(3, 3 / 3.0)]
    public void Distinct_CountsOverAllSequences(int n, double expected) =>
        TextMetrics.Distinct([[1, 2, 1, 2], [1, 2, 3]], n).ShouldBe(expected, 1e-12);

    [Fact]
    public void Distinct_NothingThatLong_IsNotANumber() => TextMetrics.Distinct([[1]], 2).ShouldBe(double.NaN);

    [Fact]
    public void RepetitionRate_LooksBackAsFarAsTheWindow()
    {
        TextMetrics.RepetitionRate([[1, 2, 1, 3]]).ShouldBe(0.25);
        TextMetrics.RepetitionRate([[1, 2, 1, 3]], window: 1).ShouldBe(0);
        TextMetrics.RepetitionRate([[7, 7, 7, 7], [1]], window: 1).ShouldBe(0.6);
    }

    [Fact]
    public void SelfBleu_EqualSequences_IsOne() => TextMetrics.SelfBleu([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]).ShouldBe(1, 1e-12);

    [Fact]
    public void SelfBleu_NothingInCommon_IsNearZero() => TextMetrics.SelfBleu([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]).ShouldBeLessThan(0.2);

    /// <summary>Worked by hand: 1-grams 3/4 (the second 1 is clipped), 2-grams 2/3, 3-grams 1/2, 4-grams 0.5/1, equal lengths.</summary>
    [Fact]
    public void SelfBleu_TwoSequences_IsTheMeanOfBothDirections()
    {
        double expected = Math.Pow(3 / 4.0 * (2 / 3.0) * (1 / 2.0) * 0.5, 0.25);
        TextMetrics.SelfBleu([[1, 2, 3, 1], [1, 2, 3, 4]]).ShouldBe(expected, 1e-12);
    }

    [Fact]
    public void SelfBleu_ShorterThanTheOthers_PaysForBrevity()
    {
        // [1,2] against [1,2,3]: all of its n-grams match, brevity exp(1 - 3/2); the other way round 2/3, 1/2 and half a match in one
        // 3-gram.
        double first = Math.Exp(-0.5), second = Math.Pow(2 / 3.0 * (1 / 2.0) * 0.5, 1 / 3.0);
        TextMetrics.SelfBleu([[1, 2], [1, 2, 3]]).ShouldBe((first + second) / 2, 1e-12);
    }

    [Fact]
    public void SelfBleu_OneSequence_IsNotANumber() => TextMetrics.SelfBleu([[1, 2]]).ShouldBe(double.NaN);
}
