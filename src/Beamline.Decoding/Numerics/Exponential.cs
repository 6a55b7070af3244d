using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>
/// The exponential of 16 floats at once, for values up to 0. Fused multiply-adds in a fixed order: the same bits on every machine.
/// </summary>
/// <remarks>
/// exp(x) = 2^n x exp(r) with n = round(x / ln 2) and |r| up to ln(2) / 2; exp(r) = 1 + r + r^2 p(r), p by interpolation at Chebyshev nodes
/// (relative error 1.1e-8; with rounding within 1.5e-7). Below the least normal float the result is 0.
/// </remarks>
internal static class Exponential
{
    /// <summary>ln(2^-126): what is less has no normal float.</summary>
    private const float LeastExponent = -87.33654f;

    private const float InverseLn2 = 1.44269504f;
    private const float Ln2High = 0.693147182f, Ln2Low = -1.90465421e-9f;

    // Adding this to a small number leaves its rounding in the last bits of the sum.
    private const float Rounder = 12_582_912f;

    /// <summary>The exponential of each lane.</summary>
    /// <param name="x">0 or less, minus infinity included; not NaN.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> OfNonPositive(Vector512<float> x)
    {
        Vector512<float> isZero = Vector512.LessThan(x, Vector512.Create(LeastExponent));
        x = Vector512.ConditionalSelect(isZero, Vector512<float>.Zero, x);
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(InverseLn2), Vector512.Create(Rounder));
        Vector512<float> n = shifted - Vector512.Create(Rounder);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<float> p = Vector512.Create(0.0013926184f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.008363179f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.041666556f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.16666576f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        // n goes into the exponent; the rounder's own bits are shifted out.
        Vector512<int> scaled = p.AsInt32() + (shifted.AsInt32() << 23);
        return Vector512.AndNot(scaled.AsSingle(), isZero);
    }
}
