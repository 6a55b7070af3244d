namespace Beamline.Models.Graphs;

/// <summary>Which format each precision uses.</summary>
/// <param name="Blocks">For the matrices of the blocks.</param>
/// <param name="Head">For the output embedding.</param>
internal sealed record LinearFormats(ILinearFormat Blocks, ILinearFormat Head)
{
    /// <summary>The formats of a precision.</summary>
    public static LinearFormats Of(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Fp32 or WeightPrecision.Fp16 => Same(new FloatLinear()),
        WeightPrecision.Int8 => Same(new BlockLinear(8)),
        // A head of 4 bits would make the loss of likelihood half as large again (0.018 instead of 0.013 nats a token on tales).
        WeightPrecision.Int4 => new LinearFormats(new BlockLinear(4), new BlockLinear(8)),
        WeightPrecision.W8A8 => Same(new RowScaledLinear()),
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "is no precision"),
    };

    private static LinearFormats Same(ILinearFormat format) => new(format, format);
}
