using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

/// <summary>Machines and containers, each told by the files that a kernel shows there.</summary>
public sealed class PhysicalCoresTests : IDisposable
{
    private static readonly string[] FourWithSmt = ["0,4", "1,5", "2,6", "3,7"];

    private readonly FakeTree _tree = new();

    [Fact]
    public void Smt_CountsCores() => Count(_tree.WithCores(FourWithSmt).WithAffinity("0-7"), processors: 8).ShouldBe(4);

    [Fact]
    public void NoSmt_CountsAll() => Count(_tree.WithCores("0", "1", "2", "3").WithAffinity("0-3"), processors: 4).ShouldBe(4);

    [Fact]
    public void FourThreadsACore_CountsCores() =>
        Count(_tree.WithCores("0-3", "4-7").WithAffinity("0-7"), processors: 8).ShouldBe(2);

    [Fact]
    public void PerformanceAndEfficiencyCores_CountsEachOnce() =>
        Count(_tree.WithCores("0-1", "2-3", "4", "5", "6", "7").WithAffinity("0-7"), processors: 8).ShouldBe(6);

    [Theory]
    [InlineData("0,4", 1)]
    [InlineData("0,1", 2)]
    [InlineData("0-2,4-5", 3)]
    public void Affinity_CountsCoresOfItsCpus(string cpus, int cores) =>
        Count(_tree.WithCores(FourWithSmt).WithAffinity(cpus), processors: 8).ShouldBe(cores);

    [Fact]
    public void AffinityToCpusThatAreNotThere_CountsThoseThatAre() =>
        Count(_tree.WithCores("0,2", "1,3").WithAffinity("0-127"), processors: 4).ShouldBe(2);

    [Fact]
    public void NewerName_IsPreferred() =>
        Count(
            _tree.WithCores("0", "1").WithAffinity("0-1")
                .With("/sys/devices/system/cpu/cpu0/topology/core_cpus_list", "0-1\n")
                .With("/sys/devices/system/cpu/cpu1/topology/core_cpus_list", "0-1\n"),
            processors: 2).ShouldBe(1);

    [Theory]
    [InlineData("200000 100000", 2)]        // two CPUs are two cores' worth of time, with two threads a core as well
    [InlineData("150000 100000", 2)]
    [InlineData("50000 100000", 1)]
    [InlineData("1000000 100000", 4)]
    [InlineData("max 100000", 4)]
    [InlineData("200000", 4)]
    [InlineData("-7 100000", 4)]
    [InlineData("200000 0", 4)]
    [InlineData("many few", 4)]
    [InlineData("", 4)]
    public void ContainerOnSmt_Quota(string quota, int cores) =>
        Count(
            _tree.WithCores(FourWithSmt).WithAffinity("0-7").WithUnifiedGroup("/").With("/sys/fs/cgroup/cpu.max", quota + "\n"),
            processors: 8).ShouldBe(cores);

    [Theory]
    [InlineData("200000", "100000", 2)]
    [InlineData("150000", "100000", 2)]
    [InlineData("-1", "100000", 4)]
    [InlineData("200000", "", 4)]
    public void ContainerOnSmt_QuotaOfTheFirstVersion(string quota, string period, int cores) =>
        Count(
            _tree.WithCores(FourWithSmt).WithAffinity("0-7").WithGroups("/docker/1a2b", root: "/docker/1a2b")
                .With("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", quota + "\n")
                .With("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", period + "\n"),
            processors: 8).ShouldBe(cores);

    [Theory]
    [InlineData("max 100000", "max 100000", "300000 100000", 3)]
    [InlineData("max 100000", "100000 100000", "300000 100000", 1)]
    [InlineData("300000 100000", "max 100000", "max 100000", 3)]
    public void QuotaOfAnyGroupAbove_Counts(string own, string parent, string top, int cores) =>
        Count(
            _tree.WithCores(FourWithSmt).WithAffinity("0-7").WithUnifiedGroup("/a.slice/b.slice/c.service", root: "/a.slice")
                .With("/sys/fs/cgroup/b.slice/c.service/cpu.max", own)
                .With("/sys/fs/cgroup/b.slice/cpu.max", parent)
                .With("/sys/fs/cgroup/cpu.max", top),
            processors: 8).ShouldBe(cores);

    [Fact]
    public void GroupOutsideTheMount_ItsRootCounts() =>
        Count(
            _tree.WithCores(FourWithSmt).WithAffinity("0-7").WithUnifiedGroup("/../../other")
                .With("/sys/fs/cgroup/cpu.max", "100000 100000"),
            processors: 8).ShouldBe(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void RuntimeThatCountsFewer_HasTheLastWord(int processors) =>
        Count(_tree.WithCores(FourWithSmt).WithAffinity("0-7"), processors).ShouldBe(processors);

    [Fact]
    public void NoFiles_IsTheRuntimesCount() => Count(_tree, processors: 6).ShouldBe(6);

    [Fact]
    public void NoAffinity_CountsWhatIsOnline() =>
        Count(_tree.WithCores(FourWithSmt).With("/sys/devices/system/cpu/online", "0-7\n"), processors: 8).ShouldBe(4);

    [Theory]
    [InlineData("")]
    [InlineData("two")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData("0,,1")]
    [InlineData("-1")]
    [InlineData("0-4294967295")]
    public void NonsenseForAList_IsLeftOut(string text)
    {
        Count(_tree.WithCores(FourWithSmt).WithAffinity(text), processors: 8).ShouldBe(8);
        Count(_tree.WithAffinity("0-7").With("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", text), processors: 8)
            .ShouldBe(4, "the CPU is there, whatever its file says");
    }

    [Fact]
    public void NonsenseForGroups_IsLeftOut() =>
        Count(
            _tree.WithCores(FourWithSmt).WithAffinity("0-7").With("/proc/self/cgroup", "0\n::\n\n")
                .With("/proc/self/mountinfo", "1 2\n - cgroup2\n1 2 3 4 5 - cgroup2\n1 2 3 4 5 - \n"),
            processors: 8).ShouldBe(4);

    [Fact]
    public void ThisMachine_HasBetweenOneAndAllOfItsProcessors() =>
        PhysicalCores.Count.ShouldBeInRange(1, Environment.ProcessorCount);

    public void Dispose() => _tree.Dispose();

    private static int Count(FakeTree tree, int processors) => PhysicalCores.CountIn(tree.Files, processors);
}
