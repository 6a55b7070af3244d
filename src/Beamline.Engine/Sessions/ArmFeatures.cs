using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;

namespace Beamline.Engine.Sessions;

/// <summary>What a 64-bit Arm processor can do, as far as ONNX Runtime's kernels depend on it, by the names that Linux gives it.</summary>
internal static partial class ArmFeatures
{
    private const int GetSveLength = 51;
    private const int SveLengthMask = 0xFFFF;

    /// <summary>The features of the processor this runs on.</summary>
    public static string[] Read() =>
        OperatingSystem.IsLinux() ? OfLinux(new SystemFiles("/"))
        : OperatingSystem.IsMacOS() ? [.. OfMacOS()]
        : OfRuntime();

    /// <summary>Those that the kernel lists; what the runtime knows where it lists none.</summary>
    public static string[] OfLinux(SystemFiles files)
    {
        string? line = files.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("Features", StringComparison.Ordinal));
        return line is null ? OfRuntime() : line[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Length of an SVE register of this process in bits; 0 without SVE, or where there is none to use.</summary>
    public static int ReadSveBits() =>
        OperatingSystem.IsLinux() && Control(GetSveLength, 0, 0, 0, 0) is > 0 and var answer ? (answer & SveLengthMask) * 8 : 0;

    private static IEnumerable<string> OfMacOS()
    {
        foreach ((string setting, string name) in ((string, string)[])
            [("FEAT_DotProd", "asimddp"), ("FEAT_I8MM", "i8mm"), ("FEAT_SME", "sme"), ("FEAT_SME2", "sme2")])
        {
            nint size = sizeof(int);
            if (SysCtl($"hw.optional.arm.{setting}", out int has, ref size, 0, 0) == 0 && has != 0) yield return name;
        }
    }

    private static string[] OfRuntime() => Dp.IsSupported ? ["asimddp"] : [];

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SysCtl(string name, out int value, ref nint size, nint newValue, nint newSize);
}
