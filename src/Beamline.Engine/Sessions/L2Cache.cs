using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Beamline.Engine.Sessions;

/// <summary>
/// The size of the second-level cache. ONNX Runtime cuts the attention of a prompt into tiles that fit it, and where a row of scores is
/// cut its sums are rounded.
/// </summary>
internal static partial class L2Cache
{
    private const int SizeSetting = 191;        // _SC_LEVEL2_CACHE_SIZE of glibc, which ONNX Runtime asks as well
    private const int CacheLeaf = unchecked((int)0x8000_0006);

    /// <summary>Bytes; 0 where nothing tells.</summary>
    public static long ReadBytes()
    {
        if (OperatingSystem.IsLinux()) return nint.Max(0, SysConf(SizeSetting));
        if (OperatingSystem.IsMacOS())
        {
            nint size = sizeof(long);
            return SysCtl("hw.l2cachesize", out long bytes, ref size, 0, 0) == 0 ? bytes : 0;
        }
        return X86Base.IsSupported ? (long)((uint)X86Base.CpuId(CacheLeaf, 0).Ecx >> 16) << 10 : 0;
    }

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint SysConf(int name);

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SysCtl(string name, out long value, ref nint size, nint newValue, nint newSize);
}
