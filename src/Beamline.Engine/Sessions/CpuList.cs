using System.Globalization;

namespace Beamline.Engine.Sessions;

/// <summary>Lists of CPU numbers as the kernel writes them: <c>0-3,8,10-11</c>.</summary>
internal static class CpuList
{
    /// <summary>More than any kernel is built for; a list with a greater number is nonsense.</summary>
    private const int Limit = 1 << 16;

    /// <summary>The numbers of a list; null when it is empty or no list.</summary>
    public static SortedSet<int>? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        SortedSet<int> cpus = [];
        foreach (string part in text.Trim().Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || last < first) return null;
            for (int cpu = first; cpu <= last; cpu++) cpus.Add(cpu);
        }
        return cpus;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Limit;
}
