using Beamline.Models.Graphs;
using CsCheck;

namespace Beamline.Models.Tests.Graphs;

public sealed class BlockQuantizerTests
{
    // A scale below the normal floats is rounded by up to half the least one, 128 times over in a weight.
    private const float Least = 64 * float.Epsilon;

    private static readonly Gen<float[]> Blocks = Gen.Float[-1e3f, 1e3f].Array[1, 32];

    [Fact]
    public void To8Bits_AnyBlock_EveryWeightWithinHalfAStep() => Blocks.Sample(block =>
    {
        byte[] codes = new byte[block.Length];
        float scale = BlockQuantizer.To8Bits(block, codes);
        for (int i = 0; i < block.Length; i++)
        {
            Error(block[i], scale, codes[i] - BlockQuantizer.Middle8).ShouldBeLessThanOrEqualTo(scale * 0.5001f + Least);
        }
    });

    [Fact]
    public void To4Bits_AnyBlock_EveryWeightWithinAStep() => Blocks.Sample(block =>
    {
        byte[] codes = new byte[block.Length];
        float scale = BlockQuantizer.To4Bits(block, codes);
        for (int i = 0; i < block.Length; i++)
        {
            codes[i].ShouldBeLessThan((byte)16);
            // Half a step, but for weights that would need the code behind the last.
            Error(block[i], scale, codes[i] - BlockQuantizer.Middle4).ShouldBeLessThanOrEqualTo(MathF.Abs(scale) * 1.0001f + Least);
        }
    });

    [Fact]
    public void Blocks_OfZeros_StayZero()
    {
        byte[] codes = new byte[4];
        BlockQuantizer.To8Bits(new float[4], codes).ShouldBe(0);
        codes.ShouldAllBe(code => code == BlockQuantizer.Middle8);
        BlockQuantizer.To4Bits(new float[4], codes).ShouldBe(0);
        codes.ShouldAllBe(code => code == BlockQuantizer.Middle4);
    }

    [Fact]
    public void Blocks_OfKnownWeights_GiveKnownCodes()
    {
        byte[] codes = new byte[4];
        BlockQuantizer.To8Bits([-1.27f, 0.01f, 0.5f, 1.27f], codes).ShouldBe(0.01f, 1e-8f);
        codes.ShouldBe([1, 129, 178, 255]);
        BlockQuantizer.To4Bits([0.8f, -0.7f, 0.1f, 0f], codes).ShouldBe(-0.1f, 1e-8f);
        codes.ShouldBe([0, 15, 7, 8]);
    }

    private static float Error(float weight, float scale, int steps) => MathF.Abs(weight - (scale * steps));
}
