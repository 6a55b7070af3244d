namespace Beamline.Cli.Benchmarks;

/// <summary>Order statistics.</summary>
internal static class Statistics
{
    /// <summary>The middle value; of an even number the mean of the two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) return double.NaN;
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The value that a share of all does not exceed: nearest rank.</summary>
    /// <param name="values">The values.</param>
    /// <param name="share">Above 0, at most 1.</param>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[int.Max(0, (int)double.Ceiling(share * sorted.Length) - 1)];
    }
}
