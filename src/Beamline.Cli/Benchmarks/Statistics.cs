namespace Beamline.Cli.Benchmarks;

/// <summary>Order statistics.</summary>
internal static class Statistics
{
    /// <summary>The middle value; of an even number the mean of the two; null of none.</summary>
    public static double? Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) return null;
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The value that a share of all does not exceed: nearest rank; null of none.</summary>
    /// <param name="values">The values.</param>
    /// <param name="share">Above 0, at most 1.</param>
    public static double? Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : sorted[int.Max(0, (int)double.Ceiling(share * sorted.Length) - 1)];
    }
}
