namespace Beamline.Decoding.Tests.Support;

/// <summary>
/// Goodness of fit. Seeds are fixed, so a test that passes once passes always; the bound says how unlikely a correct sampler would fail.
/// </summary>
internal static class ChiSquare
{
    /// <summary>Quantile of the standard normal distribution for one in a million.</summary>
    private const double OneInAMillion = 4.753;

    /// <summary>Compares counts with probabilities; what is expected fewer than five times is put together.</summary>
    public static void ShouldFit(ReadOnlySpan<int> counts, ReadOnlySpan<double> probabilities, int draws, string what)
    {
        double statistic = 0, restExpected = 0, restSeen = 0;
        int cells = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double expected = probabilities[i] * draws;
            if (expected < 5)
            {
                restExpected += expected;
                restSeen += counts[i];
                continue;
            }
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
            cells++;
        }
        if (restExpected >= 5)
        {
            statistic += (restSeen - restExpected) * (restSeen - restExpected) / restExpected;
            cells++;
        }
        ShouldBeBelowBound(statistic, cells - 1, what);
    }

    /// <summary>Compares two samples of the same outcomes.</summary>
    public static void ShouldAgree(ReadOnlySpan<int> first, int firstRuns, ReadOnlySpan<int> second, int secondRuns, string what)
    {
        double statistic = 0, ratio = Math.Sqrt((double)secondRuns / firstRuns);
        for (int i = 0; i < first.Length; i++)
        {
            double difference = first[i] * ratio - second[i] / ratio;
            statistic += difference * difference / (first[i] + second[i]);
        }
        ShouldBeBelowBound(statistic, first.Length - 1, what);
    }

    // Wilson and Hilferty's approximation of the quantile.
    private static void ShouldBeBelowBound(double statistic, int freedom, string what)
    {
        if (freedom < 1) return;
        double spread = 2.0 / (9 * freedom), root = 1 - spread + OneInAMillion * Math.Sqrt(spread);
        statistic.ShouldBeLessThan(freedom * root * root * root, $"{what}: chi-square with {freedom} degrees of freedom");
    }
}
