namespace Beamline.Engine.Sessions;

/// <summary>Counts cores that do not share an arithmetic unit.</summary>
internal static class PhysicalCores
{
    private const string Cpus = "/sys/devices/system/cpu";

    /// <summary>Physical cores this process may keep busy; 1 or more.</summary>
    public static int Count { get; } =
        OperatingSystem.IsLinux() ? CountIn(new SystemFiles("/"), Environment.ProcessorCount) : Environment.ProcessorCount;

    /// <summary>
    /// The cores whose CPUs the process may run on, and no more than its quota: that is a number of CPUs and not of a core's halves, so it
    /// is compared with the cores and never divided.
    /// </summary>
    /// <param name="files">What the kernel tells.</param>
    /// <param name="processors">CPUs by the runtime's count, which has limits of its own; the answer where the kernel is silent.</param>
    public static int CountIn(SystemFiles files, int processors)
    {
        int cores = CountCores(files) is var found and > 0 ? found : processors;
        return int.Max(1, int.Min(processors, int.Min(cores, CpuQuota.Read(files) ?? int.MaxValue)));
    }

    private static int CountCores(SystemFiles files)
    {
        SortedSet<int> allowed = Allowed(files) ?? CpuList.Parse(files.Read($"{Cpus}/online")) ?? [];
        HashSet<int> cores = [];
        foreach (int cpu in allowed)
        {
            string? text = files.Read($"{Cpus}/cpu{cpu}/topology/core_cpus_list")
                ?? files.Read($"{Cpus}/cpu{cpu}/topology/thread_siblings_list");
            if (text is null) continue;     // the affinity may name CPUs that the machine does not have
            cores.Add(CpuList.Parse(text) is { } siblings && siblings.Contains(cpu) ? siblings.Min : cpu);
        }
        return cores.Count;
    }

    private static SortedSet<int>? Allowed(SystemFiles files)
    {
        const string name = "Cpus_allowed_list:";
        string? line = files.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return CpuList.Parse(line?[name.Length..]);
    }
}
