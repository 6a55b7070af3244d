namespace Beamline.Models.Graphs;

/// <summary>Rounds a block of weights to codes of 8 or 4 bits and one scale; a weight is scale x (code - middle).</summary>
internal static class BlockQuantizer
{
    /// <summary>The code that stands for 0 at 8 bits.</summary>
    public const byte Middle8 = 128;

    /// <summary>The code that stands for 0 at 4 bits.</summary>
    public const byte Middle4 = 8;

    /// <summary>Codes 1 to 255: the largest magnitude becomes 127 steps.</summary>
    /// <param name="weights">The block.</param>
    /// <param name="codes">Receives a code a weight.</param>
    /// <returns>The scale; 0 for a block of zeros.</returns>
    public static float To8Bits(ReadOnlySpan<float> weights, Span<byte> codes)
    {
        float scale = MathF.Abs(Largest(weights)) / 127;
        for (int i = 0; i < weights.Length; i++) codes[i] = Code(weights[i], scale, Middle8, 255);
        return scale;
    }

    /// <summary>Codes 0 to 15: the weight of largest magnitude, whatever its sign, becomes code 0, the only one eight steps away.</summary>
    /// <param name="weights">The block.</param>
    /// <param name="codes">Receives a code a weight.</param>
    /// <returns>The scale, negative when that weight is positive; 0 for a block of zeros.</returns>
    public static float To4Bits(ReadOnlySpan<float> weights, Span<byte> codes)
    {
        float scale = Largest(weights) / -Middle4;
        for (int i = 0; i < weights.Length; i++) codes[i] = Code(weights[i], scale, Middle4, 15);
        return scale;
    }

    private static float Largest(ReadOnlySpan<float> weights)
    {
        float largest = 0;
        foreach (float weight in weights)
        {
            if (MathF.Abs(weight) > MathF.Abs(largest)) largest = weight;
        }
        return largest;
    }

    private static byte Code(float weight, float scale, int middle, int last) =>
        scale == 0 ? (byte)middle : (byte)Math.Clamp(MathF.Round(weight / scale) + middle, 0, last);
}
