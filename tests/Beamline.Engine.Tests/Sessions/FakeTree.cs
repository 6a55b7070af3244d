using Beamline.Engine.Sessions;
using Beamline.Testing;

namespace Beamline.Engine.Tests.Sessions;

/// <summary>A folder that stands for <c>/</c>, with the files that a kernel would show.</summary>
internal sealed class FakeTree : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SystemFiles Files => new(_folder.Path);

    /// <summary>CPUs with their cores, given as the lists of siblings.</summary>
    public FakeTree WithCores(params string[] cores)
    {
        foreach (string core in cores)
        {
            foreach (int cpu in CpuList.Parse(core)!) With($"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", core + "\n");
        }
        return this;
    }

    public FakeTree WithAffinity(string cpus) =>
        With("/proc/self/status", $"Name:\tbeamline\nCpus_allowed:\tff\nCpus_allowed_list:\t{cpus}\nMems_allowed_list:\t0\n");

    /// <summary>The second version of control groups, mounted in the usual place.</summary>
    public FakeTree WithUnifiedGroup(string group, string root = "/") => this
        .With("/proc/self/cgroup", $"0::{group}\n")
        .With("/proc/self/mountinfo",
            "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
                + $"30 23 0:26 {root} /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");

    /// <summary>The first version.</summary>
    public FakeTree WithGroups(string group, string root = "/") => this
        .With("/proc/self/cgroup", $"4:memory:{group}\n3:cpu,cpuacct:{group}\n2:cpuset:/\n")
        .With("/proc/self/mountinfo",
            $"31 23 0:27 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                + $"32 23 0:28 {root} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");

    public FakeTree With(string path, string text)
    {
        string file = _folder.Path + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public void Dispose() => _folder.Dispose();
}
