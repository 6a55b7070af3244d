using System.Globalization;

namespace Beamline.Engine.Sessions;

/// <summary>What control groups grant a process: CPU time a period, whichever CPUs it is spent on.</summary>
internal static class CpuQuota
{
    /// <summary>Whole CPUs, rounded up, of the tightest group among the process' own and those above it; null without a limit.</summary>
    public static int? Read(SystemFiles files)
    {
        double? cpus = null;
        foreach (CgroupFolder group in CgroupFolder.OfThisProcess(files))
        {
            double? limit = group.IsUnified
                ? Parse(files.Read($"{group.Path}/cpu.max")?.Split(' ', 2))
                : Parse([files.Read($"{group.Path}/cpu.cfs_quota_us"), files.Read($"{group.Path}/cpu.cfs_period_us")]);
            if (!(limit >= cpus)) cpus = limit ?? cpus;
        }
        return cpus is { } some ? (int)double.Clamp(double.Ceiling(some), 1, int.MaxValue) : null;
    }

    /// <summary>Quota over period; null when there is none (<c>max</c>, -1), or nonsense.</summary>
    private static double? Parse(string?[]? pair) =>
        pair is [var quota, var period] && TryMicroseconds(quota, out long granted) && TryMicroseconds(period, out long each)
            ? (double)granted / each
            : null;

    private static bool TryMicroseconds(string? text, out long value) =>
        long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
}
