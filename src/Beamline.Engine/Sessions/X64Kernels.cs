namespace Beamline.Engine.Sessions;

/// <summary>Which of its kernels ONNX Runtime takes on an x64 processor, by the same bits it looks at.</summary>
/// <remarks>
/// After <c>onnxruntime/core/mlas/lib/platform.cpp</c>. What it does not look at for the operators of our graphs is not in the name
/// (BF16, FP16, VBMI), or what only converts (AVX-NE-CONVERT): machines that differ in nothing else give the same bits.
/// </remarks>
internal static class X64Kernels
{
    private const uint OsXSaveAndAvx = 0x1800_0000;
    private const uint Fma = 1u << 12;
    private const uint Avx2 = 1u << 5;
    private const uint Avx512F = 1u << 16;
    private const uint Avx512BwDqVl = 0xC002_0000;
    private const uint Avx512Vnni = 1u << 11;
    private const uint AvxVnni = 1u << 4;
    private const uint AvxVnniInt8 = 1u << 4;
    private const uint AmxTileAndInt8 = 0x0300_0000;

    /// <summary>A name; equal for equal kernels.</summary>
    public static string Name(in X64Registers cpu)
    {
        if (!Has(cpu.Leaf1C, OsXSaveAndAvx) || !cpu.Saved.HasFlag(X64SavedState.Ymm)) return "x64-sse";
        if (!Has(cpu.Leaf1C, Fma) || !Has(cpu.Leaf7B, Avx2)) return "x64-avx";
        bool isWide = Has(cpu.Leaf7B, Avx512F) && cpu.Saved.HasFlag(X64SavedState.Zmm);
        bool isCore = isWide && Has(cpu.Leaf7B, Avx512BwDqVl);
        // Beside AVX-512 the VNNI of 256 bits is not used, where the wide one is there or not.
        bool hasVnni = isCore ? Has(cpu.Leaf7C, Avx512Vnni) : Has(cpu.Leaf7Sub1A, AvxVnni);
        return (isCore ? "x64-avx512" : isWide ? "x64-avx512f" : "x64-avx2")
            + (hasVnni ? "-vnni" : "")
            + (Has(cpu.Leaf7Sub1D, AvxVnniInt8) ? "-vnniint8" : "")
            + (Has(cpu.Leaf7D, AmxTileAndInt8) && cpu.Saved.HasFlag(X64SavedState.Tiles) ? "-amx" : "");
    }

    private static bool Has(uint register, uint bits) => (register & bits) == bits;
}
