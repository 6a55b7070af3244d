namespace Beamline.Models.Graphs;

/// <summary>Which format each precision uses.</summary>
/// <param name="Blocks">For the matrices of the blocks.</param>
/// <param name="Head">For the output embedding.</param>
internal sealed record LinearFormats(ILinearFormat Blocks, ILinearFormat Head)
{
    /// <summary>The formats of a precision.</summary>
    public static LinearFormats Of(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Fp32 => Same(new Fp32Linear()),
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "is no precision"),
    };

    private static LinearFormats Same(ILinearFormat format) => new(format, format);
}
