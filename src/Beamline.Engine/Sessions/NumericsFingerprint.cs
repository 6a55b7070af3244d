using System.Runtime.InteropServices;

namespace Beamline.Engine.Sessions;

/// <summary>What the last bits of a forward pass depend on besides the model: equal fingerprints give equal bits.</summary>
public static class NumericsFingerprint
{
    /// <summary>Of this process: execution provider, operating system, kernels that the processor is given, runtime version.</summary>
    /// <remarks>
    /// The operating system, since each has another build of the runtime, and its own exponentials and logarithms. The number of threads
    /// is not part of it: see <c>docs/engine.md</c>.
    /// </remarks>
    public static string Current { get; } =
        $"cpu/{OperatingSystemName}/{Kernels()}/ort-{OnnxEnvironment.Instance.GetVersionString()}";

    private static string OperatingSystemName =>
        OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "other";

    private static string Kernels() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => X64Kernels.Name(X64Registers.Read()),
        // Windows on Arm tells too little through what is at hand here: there only the same processor is taken for equal.
        Architecture.Arm64 when OperatingSystem.IsWindows() => $"arm64 {Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")}",
        Architecture.Arm64 => ArmKernels.Name(ArmFeatures.Read(), ArmFeatures.ReadSveBits()),
        var architecture => architecture.ToString().ToLowerInvariant(),
    };
}
