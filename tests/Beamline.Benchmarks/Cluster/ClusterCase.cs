using System.Globalization;

namespace Beamline.Benchmarks.Cluster;

/// <summary>One way to send a load, and what it brought each time.</summary>
/// <param name="name">What is measured.</param>
/// <param name="against">What it is compared with, round by round; null for none.</param>
/// <param name="parts">Loads that run at the same time.</param>
internal sealed class ClusterCase(string name, ClusterCase? against, params (PinnedServer Server, int Core, ClusterLoad Load)[] parts)
{
    /// <summary>Tokens a second, run by run.</summary>
    public List<double> Rates { get; } = [];

    /// <summary>Runs it once.</summary>
    public async Task RunAsync()
    {
        (double Tokens, double Seconds)[] runs = await Task.WhenAll(parts.Select(part => part.Server.MeasureAsync(part.Core, part.Load)));
        Rates.Add(runs.Sum(run => run.Tokens) / runs.Max(run => run.Seconds));
    }

    /// <summary>Median, lowest and highest ratio of the runs of one round.</summary>
    public string RatioTo(ClusterCase other) => Describe([.. Rates.Zip(other.Rates, (mine, its) => mine / its)], "F3");

    public override string ToString() => $"{name,-60} {Describe(Rates, "F0"),-25} {(against is null ? "" : RatioTo(against))}";

    private static string Describe(List<double> values, string format)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return $"{Text(median)} ({Text(sorted[0])} to {Text(sorted[^1])})";

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
