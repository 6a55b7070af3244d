using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>Surprise, which is minus the logarithm of a probability, and what follows from it. Kernels over one row.</summary>
internal static class Surprise
{
    /// <summary>Writes the surprise of each value: plus infinity where it is masked, finite everywhere else.</summary>
    /// <param name="values">Scores; minus infinity is masked; neither NaN nor plus infinity.</param>
    /// <param name="max">The greatest of them; finite.</param>
    /// <param name="logTotal">The logarithm of the sum of exp(x - max).</param>
    /// <param name="surprise">Receives logTotal - (x - max); as long as the values; may be the same memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<float> values, float max, float logTotal, Span<float> surprise)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(surprise.Length, values.Length);
        Vector512<float> shift = Vector512.Create(max), scale = Vector512.Create(logTotal), most = Vector512.Create(float.MaxValue);
        Vector512<float> masked = Vector512.Create(float.NegativeInfinity);
        ref float from = ref MemoryMarshal.GetReference(values);
        ref float to = ref MemoryMarshal.GetReference(surprise);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= values.Length; i += width)
        {
            Vector512<float> x = Vector512.LoadUnsafe(ref from, (nuint)i);
            Vector512<float> finite = Vector512.MinNative(scale - (x - shift), most);
            Vector512.ConditionalSelect(Vector512.Equals(x, masked), -masked, finite).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < values.Length; i++)
        {
            bool isMasked = float.IsNegativeInfinity(values[i]);
            surprise[i] = isMasked ? float.PositiveInfinity : Math.Min(logTotal - (values[i] - max), float.MaxValue);
        }
    }

    /// <summary>Turns surprises into how near they are to the expected one: minus the distance; minus infinity where masked.</summary>
    /// <param name="surprise">What <see cref="Write"/> gave; changed in place.</param>
    /// <param name="expected">The entropy.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToNearness(Span<float> surprise, float expected)
    {
        Vector512<float> shift = Vector512.Create(expected);
        ref float first = ref MemoryMarshal.GetReference(surprise);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= surprise.Length; i += width)
        {
            Vector512<float> distance = Vector512.Abs(Vector512.LoadUnsafe(ref first, (nuint)i) - shift);
            (-distance).StoreUnsafe(ref first, (nuint)i);
        }
        for (; i < surprise.Length; i++) surprise[i] = -Math.Abs(surprise[i] - expected);
    }

    /// <summary>
    /// The sum of weight x (value - shift) where there is a weight, in double: lane k adds elements k, k + 16, ...; then the lanes, as
    /// <see cref="RowMath.Sum"/> does, and the tail.
    /// </summary>
    /// <remarks>The difference is one of floats. What weighs nothing counts as 0, infinite or not.</remarks>
    /// <param name="values">Values.</param>
    /// <param name="shift">Subtracted from each.</param>
    /// <param name="weights">One weight a value, none negative.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double WeightedSum(ReadOnlySpan<float> values, float shift, ReadOnlySpan<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, values.Length);
        Vector512<float> shifts = Vector512.Create(shift);
        Vector512<double> lower = default, upper = default;
        ref float firstValue = ref MemoryMarshal.GetReference(values);
        ref float firstWeight = ref MemoryMarshal.GetReference(weights);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= values.Length; i += width)
        {
            Vector512<float> weight = Vector512.LoadUnsafe(ref firstWeight, (nuint)i);
            Vector512<float> value = Vector512.LoadUnsafe(ref firstValue, (nuint)i) - shifts;
            value &= Vector512.GreaterThan(weight, Vector512<float>.Zero);
            // The product of two floats is exact in double.
            lower += Vector512.WidenLower(weight) * Vector512.WidenLower(value);
            upper += Vector512.WidenUpper(weight) * Vector512.WidenUpper(value);
        }
        double tail = 0;
        for (; i < values.Length; i++) tail += weights[i] > 0 ? (double)weights[i] * (values[i] - shift) : 0;
        return RowMath.SumLanes(lower) + RowMath.SumLanes(upper) + tail;
    }
}
