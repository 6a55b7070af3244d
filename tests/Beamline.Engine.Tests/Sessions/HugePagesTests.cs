using System.Runtime.InteropServices;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

public sealed unsafe class HugePagesTests
{
    private const int Length = 16 << 20;
    private const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";

    [Fact]
    public void Collapse_MemoryInUse_MovesIt_AndKeepsWhatItHolds()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.OSVersion.Version >= new Version(6, 1) && Environment.SystemPageSize == 4096
                && File.Exists(Setting) && !File.ReadAllText(Setting).Contains("[never]", StringComparison.Ordinal),
            "the kernel has no huge pages to move memory to");
        byte* memory = (byte*)NativeMemory.Alloc(Length);
        try
        {
            Span<byte> bytes = new(memory, Length);
            new Random(5).NextBytes(bytes);
            byte[] before = bytes.ToArray();

            HugePages.Collapse().ShouldBeGreaterThan(0);

            bytes.SequenceEqual(before).ShouldBeTrue();
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }
}
