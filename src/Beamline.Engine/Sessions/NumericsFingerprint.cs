using System.Runtime.Intrinsics.X86;
using System.Runtime.InteropServices;

namespace Beamline.Engine.Sessions;

/// <summary>What the last bits of a forward pass depend on besides the model: equal fingerprints give equal bits.</summary>
public static class NumericsFingerprint
{
    /// <summary>Of this process: execution provider, instruction set, runtime version.</summary>
    public static string Current { get; } = $"cpu/{InstructionSet()}/ort-{OnnxEnvironment.Instance.GetVersionString()}";

    private static string InstructionSet() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 when Avx512F.IsSupported => AvxVnni.IsSupported || Avx512Vbmi.IsSupported ? "avx512-vnni" : "avx512",
        Architecture.X64 when Avx2.IsSupported => AvxVnni.IsSupported ? "avx2-vnni" : "avx2",
        var architecture => architecture.ToString().ToLowerInvariant(),
    };
}
