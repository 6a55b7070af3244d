namespace Beamline.Engine.Sessions;

/// <summary>Which of its kernels ONNX Runtime takes on a 64-bit Arm processor.</summary>
/// <remarks>After <c>onnxruntime/core/mlas/lib/platform.cpp</c>, as <see cref="X64Kernels"/>.</remarks>
internal static class ArmKernels
{
    /// <summary>A name; equal for equal kernels.</summary>
    /// <param name="features">Features by the names that Linux gives them; others than those that matter may stand among them.</param>
    /// <param name="sveBits">Length of an SVE register: sums go by its lanes. 0 without SVE.</param>
    public static string Name(IEnumerable<string> features, int sveBits)
    {
        HashSet<string> all = [.. features];
        return "arm64"
            + (all.Contains("asimddp") ? "-dot" : "")
            + (all.Contains("i8mm") ? "-i8mm" : "")
            + (all.Contains("sve") ? $"-sve{sveBits}" : "")
            + (all.Contains("sme2") ? "-sme2" : all.Contains("sme") ? "-sme" : "");
    }
}
