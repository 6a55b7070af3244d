namespace Beamline.Cli.Benchmarks;

/// <summary>Three quantiles, in milliseconds; null where nothing was measured.</summary>
internal sealed record Quantiles(double? P50, double? P95, double? P99)
{
    public static Quantiles OfSeconds(IReadOnlyList<double> values) => new(
        1000 * Statistics.Percentile(values, 0.5), 1000 * Statistics.Percentile(values, 0.95), 1000 * Statistics.Percentile(values, 0.99));
}
