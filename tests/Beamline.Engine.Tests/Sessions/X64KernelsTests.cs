using System.Runtime.InteropServices;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

/// <summary>Machines by name, each told by the flags that Linux shows for it.</summary>
public sealed class X64KernelsTests
{
    private const string Skylake = "fma avx avx2 avx512f avx512dq avx512bw avx512vl";
    private const string IceLake = $"{Skylake} avx512_vnni avx512vbmi avx512_vbmi2 avx512_bitalg";
    private const string SapphireRapids = $"{IceLake} avx_vnni avx512_bf16 avx512_fp16 amx_bf16 amx_tile amx_int8";

    [Theory]
    [InlineData("Nehalem", "sse4_2", "x64-sse")]
    [InlineData("Sandy Bridge", "avx", "x64-avx")]
    [InlineData("Piledriver", "fma avx", "x64-avx")]
    [InlineData("Haswell", "fma avx avx2", "x64-avx2")]
    [InlineData("Zen 3", "fma avx avx2", "x64-avx2")]
    [InlineData("Alder Lake", "fma avx avx2 avx_vnni", "x64-avx2-vnni")]
    [InlineData("Lunar Lake", "fma avx avx2 avx_vnni avx_vnni_int8", "x64-avx2-vnni-vnniint8")]
    [InlineData("Knights Landing", "fma avx avx2 avx512f avx512cd", "x64-avx512f")]
    [InlineData("Skylake-X", Skylake, "x64-avx512")]
    [InlineData("Cannon Lake", $"{Skylake} avx512vbmi", "x64-avx512")]
    [InlineData("Cascade Lake", $"{Skylake} avx512_vnni", "x64-avx512-vnni")]
    [InlineData("Cooper Lake", $"{Skylake} avx512_vnni avx512_bf16", "x64-avx512-vnni")]
    [InlineData("Ice Lake", IceLake, "x64-avx512-vnni")]
    [InlineData("Zen 4", $"{IceLake} avx512_bf16", "x64-avx512-vnni")]
    [InlineData("Zen 5", $"{IceLake} avx512_bf16 avx_vnni", "x64-avx512-vnni")]
    [InlineData("Sapphire Rapids", SapphireRapids, "x64-avx512-vnni-amx")]
    public void Machine_HasTheKernelsOfItsFlags(string machine, string flags, string name) =>
        X64Kernels.Name(Registers(flags, X64SavedState.Ymm | X64SavedState.Zmm | X64SavedState.Tiles)).ShouldBe(name, machine);

    [Theory]
    [InlineData(X64SavedState.Ymm | X64SavedState.Zmm, "x64-avx512-vnni")]
    [InlineData(X64SavedState.Ymm, "x64-avx2-vnni")]
    [InlineData((X64SavedState)0, "x64-sse")]
    public void StateThatTheSystemDoesNotSave_IsAsIfTheProcessorLackedIt(object saved, string name) =>
        X64Kernels.Name(Registers(SapphireRapids, (X64SavedState)saved)).ShouldBe(name);

    [Fact]
    public void ThisProcessor_AsTheKernelLists()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "the flags are those of Linux on x64");
        string flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal));
        X64Registers found = X64Registers.Read();

        // The kernel lists what it saves the state of; it does not list AVX-VNNI-INT8.
        X64Registers listed = Registers(flags[(flags.IndexOf(':') + 1)..], found.Saved) with { Leaf7Sub1D = found.Leaf7Sub1D };
        X64Kernels.Name(found).ShouldBe(X64Kernels.Name(listed));
        found.Saved.HasFlag(X64SavedState.Ymm).ShouldBe(HasFlag("avx"));
        found.Saved.HasFlag(X64SavedState.Zmm).ShouldBe(HasFlag("avx512f"));
        found.Saved.HasFlag(X64SavedState.Tiles).ShouldBe(HasFlag("amx_tile"));

        bool HasFlag(string flag) => flags.Split(' ').Contains(flag);
    }

    private static X64Registers Registers(string flags, object saved)
    {
        HashSet<string> all = [.. flags.Split(' ')];
        return new(
            Bits(("fma", 12), ("avx", 27), ("avx", 28)),
            Bits(("avx2", 5), ("avx512f", 16), ("avx512dq", 17), ("avx512cd", 28), ("avx512bw", 30), ("avx512vl", 31)),
            Bits(("avx512vbmi", 1), ("avx512_vbmi2", 6), ("avx512_vnni", 11), ("avx512_bitalg", 12)),
            Bits(("amx_bf16", 22), ("avx512_fp16", 23), ("amx_tile", 24), ("amx_int8", 25)),
            Bits(("avx_vnni", 4), ("avx512_bf16", 5)),
            Bits(("avx_vnni_int8", 4)),
            (X64SavedState)saved);

        uint Bits(params ReadOnlySpan<(string Flag, int Bit)> known)
        {
            uint register = 0;
            foreach ((string flag, int bit) in known) register |= all.Contains(flag) ? 1u << bit : 0;
            return register;
        }
    }
}
