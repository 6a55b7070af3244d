using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Sampling;

/// <summary>
/// The greatest score; of equal ones the lowest id. NaN counts as greatest and a row without any score gives id 0, as in the reference.
/// </summary>
public sealed class ArgmaxSelector : ITokenSelector
{
    /// <inheritdoc/>
    public int Select(ReadOnlySpan<float> scores, int branch, int position) => RowMath.IndexOfMax(scores);
}
