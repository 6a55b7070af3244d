using System.Runtime.Intrinsics.X86;

namespace Beamline.Engine.Sessions;

/// <summary>What an x64 processor tells of itself: registers of <c>CPUID</c>, named by leaf and register.</summary>
/// <param name="Leaf1C">FMA, AVX, and whether the operating system uses XSAVE.</param>
/// <param name="Leaf7B">AVX2 and the parts of AVX-512.</param>
/// <param name="Leaf7C">AVX512-VNNI.</param>
/// <param name="Leaf7D">AMX.</param>
/// <param name="Leaf7Sub1A">AVX-VNNI.</param>
/// <param name="Leaf7Sub1D">AVX-VNNI-INT8.</param>
/// <param name="Saved">The state that the operating system keeps for a thread.</param>
internal readonly record struct X64Registers(
    uint Leaf1C, uint Leaf7B, uint Leaf7C, uint Leaf7D, uint Leaf7Sub1A, uint Leaf7Sub1D, X64SavedState Saved)
{
    private const int StateLeaf = 0xD;

    /// <summary>Those of the processor this runs on.</summary>
    public static X64Registers Read()
    {
        uint highest = CpuId(0).A;
        (uint A, uint B, uint C, uint D) one = CpuId(1), seven = default, sevenSub1 = default;
        if (highest >= 7)
        {
            seven = CpuId(7);
            if (seven.A >= 1) sevenSub1 = CpuId(7, 1);
        }
        return new(one.C, seven.B, seven.C, seven.D, sevenSub1.A, sevenSub1.D, ReadSaved(highest));
    }

    /// <remarks>
    /// The runtime's properties say what it uses itself: with <c>DOTNET_EnableAVX512=0</c> that is less than ONNX Runtime uses. So a no is
    /// not taken from them, but from where the saved state of a thread ends; and that tells of AMX, too, which they do not know.
    /// </remarks>
    private static X64SavedState ReadSaved(uint highest)
    {
        X64SavedState used = (Avx.IsSupported ? X64SavedState.Ymm : 0) | (Avx512F.IsSupported ? X64SavedState.Zmm : 0);
        return highest < StateLeaf ? used : used | (Saves(2) ? X64SavedState.Ymm : 0) | (Saves(7) ? X64SavedState.Zmm : 0)
            | (Saves(18) ? X64SavedState.Tiles : 0);

        static bool Saves(int component) => CpuId(StateLeaf, component) is { A: > 0 and var size, B: var offset }
            && CpuId(StateLeaf).B >= offset + size;
    }

    private static (uint A, uint B, uint C, uint D) CpuId(int leaf, int subleaf = 0)
    {
        (int a, int b, int c, int d) = X86Base.CpuId(leaf, subleaf);
        return ((uint)a, (uint)b, (uint)c, (uint)d);
    }
}
