using System.Globalization;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

public sealed class NumericsFingerprintTests
{
    [Fact]
    public void Current_NamesProviderSystemKernelsCacheAndRuntime() => NumericsFingerprint.Current.ShouldMatch(
        @"^cpu/(linux|windows|macos|other)/[a-z0-9][^/]*/l2-[0-9]+k/ort-[0-9]+\.[0-9]+\.[0-9]+$");

    [Fact]
    public void L2Cache_IsThatOfOneOfTheCpus()
    {
        string[] sizes = !OperatingSystem.IsLinux() ? [] :
        [
            .. from cpu in Directory.EnumerateDirectories("/sys/devices/system/cpu", "cpu*")
               let cache = Path.Combine(cpu, "cache", "index2")
               where File.Exists(Path.Combine(cache, "level")) && File.ReadAllText(Path.Combine(cache, "level")).Trim() == "2"
               select File.ReadAllText(Path.Combine(cache, "size")).Trim(),
        ];
        Assert.SkipWhen(sizes.Length == 0, "the kernel shows no second-level cache");

        sizes.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{L2Cache.ReadBytes() >> 10}K"));
    }
}
