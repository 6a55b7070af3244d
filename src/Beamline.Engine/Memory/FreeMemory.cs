using System.Globalization;

namespace Beamline.Engine.Memory;

/// <summary>What the machine, or the container around this process, has free at this moment.</summary>
public static class FreeMemory
{
    private const string MachineFile = "/proc/meminfo";
    private const string Available = "MemAvailable:";

    // The container's own limits, as it sees them: of the unified hierarchy, and of the older one.
    private static readonly (string Limit, string Used, string Details, string Reclaimable)[] Containers =
    [
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat", "inactive_file"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes",
            "/sys/fs/cgroup/memory/memory.stat", "total_inactive_file"),
    ];

    /// <summary>Bytes that can be had without swapping; caches of files that the system would give up count as free.</summary>
    /// <remarks>Where the system does not tell, the runtime's own figures stand in; they are as old as the last collection.</remarks>
    public static long Read()
    {
        long? free = ReadMachine();
        foreach ((string limit, string used, string details, string reclaimable) in Containers)
        {
            if (ReadNumber(limit) is not { } most || ReadNumber(used) is not { } taken) continue;
            long left = long.Max(0, most - taken + (ReadField(details, reclaimable) ?? 0));
            free = long.Min(free ?? left, left);
        }
        return free ?? OfRuntime();
    }

    private static long OfRuntime()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return long.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    private static long? ReadMachine() => ReadField(MachineFile, Available) * 1024;

    private static long? ReadNumber(string file) =>
        ReadLines(file) is [{ } line, ..] && long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;

    private static long? ReadField(string file, string name)
    {
        foreach (string line in ReadLines(file))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isIt = words.Length >= 2 && words[0] == name;
            if (isIt && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return number;
        }
        return null;
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
