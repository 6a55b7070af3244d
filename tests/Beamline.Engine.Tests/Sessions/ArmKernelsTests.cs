using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

/// <summary>Machines by name, each told by the features that Linux lists for it.</summary>
public sealed class ArmKernelsTests
{
    private const string NeoverseN1 = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp";
    private const string NeoverseV1 = $"{NeoverseN1} sha3 sha512 sve asimdfhm svei8mm svebf16 i8mm bf16 dgh rng";

    [Theory]
    [InlineData("Cortex-A72", "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid", 0, "arm64")]
    [InlineData("Neoverse N1", NeoverseN1, 0, "arm64-dot")]
    [InlineData("Neoverse V1", NeoverseV1, 256, "arm64-dot-i8mm-sve256")]
    [InlineData("Neoverse V2", $"{NeoverseV1} sve2 svebitperm", 128, "arm64-dot-i8mm-sve128")]
    [InlineData("A64FX", "fp asimd sve", 512, "arm64-sve512")]
    [InlineData("Apple M2", "asimddp i8mm", 0, "arm64-dot-i8mm")]
    [InlineData("Apple M4", "asimddp i8mm sme sme2", 0, "arm64-dot-i8mm-sme2")]
    public void Machine_HasTheKernelsOfItsFeatures(string machine, string features, int sveBits, string name) =>
        ArmKernels.Name(features.Split(' '), sveBits).ShouldBe(name, machine);

    [Fact]
    public void FeaturesOfLinux_AreThoseOfTheFirstCore()
    {
        using FakeTree tree = new();
        tree.With("/proc/cpuinfo",
            $"processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: {NeoverseN1}\nCPU part\t: 0xd0c\n\nprocessor\t: 1\nFeatures\t: fp\n");

        ArmFeatures.OfLinux(tree.Files).ShouldBe(NeoverseN1.Split(' '));
    }

    [Fact]
    public void NoSve_HasNoLength() =>
        (ArmFeatures.ReadSveBits() > 0).ShouldBe(ArmFeatures.OfLinux(new SystemFiles("/")).Contains("sve"));
}
