using System.Runtime.InteropServices;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

public sealed unsafe class HugePagesTests
{
    private const int Length = 16 << 20;

    [Fact]
    public void Collapse_MemoryInUse_KeepsWhatItHolds()
    {
        byte* memory = (byte*)NativeMemory.Alloc(Length);
        try
        {
            Span<byte> bytes = new(memory, Length);
            new Random(5).NextBytes(bytes);
            byte[] before = bytes.ToArray();

            HugePages.Collapse();

            bytes.SequenceEqual(before).ShouldBeTrue();
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }
}
