using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>Whole-row kernels. Each works on one row alone and in a fixed order, so a row gives the same bits in any batch.</summary>
/// <remarks>They are optimised from the first call: the first tokens of a process are those that its user waits for.</remarks>
internal static class RowMath
{
    /// <summary>The greatest value; NaN when there is any.</summary>
    /// <param name="row">At least one value.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(ReadOnlySpan<float> row)
    {
        // Magnitudes compare as integers, and those of NaN are above infinity: cheaper than a test of each vector.
        Vector512<float> a = Vector512.Create(float.NegativeInfinity), b = a, c = a, d = a;
        Vector512<uint> magnitudes = default, others = default, sign = Vector512.Create(0x7FFF_FFFFu);
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + 4 * width <= row.Length; i += 4 * width)
        {
            Vector512<float> w = Load(ref first, i), x = Load(ref first, i + width);
            Vector512<float> y = Load(ref first, i + 2 * width), z = Load(ref first, i + 3 * width);
            a = Vector512.MaxNative(w, a);
            b = Vector512.MaxNative(x, b);
            c = Vector512.MaxNative(y, c);
            d = Vector512.MaxNative(z, d);
            magnitudes = Vector512.Max(magnitudes, Vector512.Max(w.AsUInt32() & sign, x.AsUInt32() & sign));
            others = Vector512.Max(others, Vector512.Max(y.AsUInt32() & sign, z.AsUInt32() & sign));
        }
        a = Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d));
        magnitudes = Vector512.Max(magnitudes, others);
        for (; i < row.Length; i += width)
        {
            Vector512<float> part = i + width <= row.Length ? Load(ref first, i) : LoadTail(row[i..], float.NegativeInfinity);
            a = Vector512.MaxNative(part, a);
            magnitudes = Vector512.Max(magnitudes, part.AsUInt32() & sign);
        }
        if (Vector512.GreaterThanAny(magnitudes, Vector512.Create(0x7F80_0000u))) return float.NaN;
        return MaxOfLanes(a);
    }

    /// <summary>How many values are not minus infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int CountUnmasked(ReadOnlySpan<float> row)
    {
        Vector512<float> masked = Vector512.Create(float.NegativeInfinity);
        Vector512<int> counts = default;
        ref float first = ref MemoryMarshal.GetReference(row);
        int i = 0;
        for (; i + Vector512<float>.Count <= row.Length; i += Vector512<float>.Count)
        {
            counts -= Vector512.Equals(Load(ref first, i), masked).AsInt32();
        }
        int count = Vector512.Sum(counts);
        for (; i < row.Length; i++) count += float.IsNegativeInfinity(row[i]) ? 1 : 0;
        return row.Length - count;
    }

    /// <summary>The place of the greatest value; of equal ones the first. NaN counts as greatest, as in the reference.</summary>
    /// <param name="row">At least one value.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOfMax(ReadOnlySpan<float> row)
    {
        float max = Max(row);
        Vector512<float> wanted = Vector512.Create(max);
        bool nan = float.IsNaN(max);
        ref float first = ref MemoryMarshal.GetReference(row);
        int i = 0;
        for (; i + Vector512<float>.Count <= row.Length; i += Vector512<float>.Count)
        {
            Vector512<float> values = Load(ref first, i);
            ulong hits = (nan ? Vector512.IsNaN(values) : Vector512.Equals(values, wanted)).ExtractMostSignificantBits();
            if (hits != 0) return i + BitOperations.TrailingZeroCount(hits);
        }
        while (nan ? !float.IsNaN(row[i]) : row[i] != max) i++;
        return i;
    }

    /// <summary>The sum of exp(x - max) over a row: 16 lanes of floats, added up in double; lanes and tail at the end.</summary>
    /// <param name="row">The row; no NaN.</param>
    /// <param name="max">Its greatest value; finite.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumOfExponentials(ReadOnlySpan<float> row, float max)
    {
        Vector512<float> shift = Vector512.Create(max);
        Vector512<double> lower = default, upper = default;
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> e = Exponential.OfNonPositive(Load(ref first, i) - shift);
            lower += Vector512.WidenLower(e);
            upper += Vector512.WidenUpper(e);
        }
        return SumLanes(lower) + SumLanes(upper) + TailExponentials(row[i..], max, []);
    }

    /// <summary>Writes exp(x - max) for each value, and sums as <see cref="SumOfExponentials"/> does.</summary>
    /// <param name="row">The row; no NaN.</param>
    /// <param name="max">Its greatest value; finite.</param>
    /// <param name="weights">Receives the exponentials; as long as the row; may be the row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exponentials(ReadOnlySpan<float> row, float max, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, row.Length);
        Vector512<float> shift = Vector512.Create(max);
        Vector512<double> lower = default, upper = default;
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> e = Exponential.OfNonPositive(Load(ref first, i) - shift);
            e.StoreUnsafe(ref MemoryMarshal.GetReference(weights), (nuint)i);
            lower += Vector512.WidenLower(e);
            upper += Vector512.WidenUpper(e);
        }
        return SumLanes(lower) + SumLanes(upper) + TailExponentials(row[i..], max, weights[i..]);
    }

    /// <summary>The sum of a row in double: lane k adds elements k, k + 16, ...; then the lanes, in halves of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(ReadOnlySpan<float> row)
    {
        Vector512<double> lower = default, upper = default;
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> values = Load(ref first, i);
            lower += Vector512.WidenLower(values);
            upper += Vector512.WidenUpper(values);
        }
        if (i < row.Length)
        {
            Vector512<float> values = LoadTail(row[i..], 0);
            lower += Vector512.WidenLower(values);
            upper += Vector512.WidenUpper(values);
        }
        return SumLanes(lower) + SumLanes(upper);
    }

    /// <summary>Sum and number of the weights whose value is above a threshold.</summary>
    /// <remarks>
    /// Eight floats a lane, then double: a sum of floats alone is off by more than what the last tokens of a long row weigh.
    /// </remarks>
    /// <param name="values">Values to compare; NaN is not above anything.</param>
    /// <param name="weights">One weight a value.</param>
    /// <param name="threshold">The threshold itself is not above.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Sum, int Count) SumAbove(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, values.Length);
        Vector512<float> bound = Vector512.Create(threshold);
        Vector512<double> lower = default, upper = default;
        Vector512<int> counts = default;
        ref float firstValue = ref MemoryMarshal.GetReference(values);
        ref float firstWeight = ref MemoryMarshal.GetReference(weights);
        int width = Vector512<float>.Count, last = values.Length - width, i = 0;
        while (i <= last)
        {
            Vector512<float> part = default;
            for (int end = Math.Min(last, i + 7 * width); i <= end; i += width)
            {
                Vector512<float> above = Vector512.GreaterThan(Load(ref firstValue, i), bound);
                part += Load(ref firstWeight, i) & above;
                counts -= above.AsInt32();
            }
            lower += Vector512.WidenLower(part);
            upper += Vector512.WidenUpper(part);
        }
        double sum = 0;
        int count = Vector512.Sum(counts);
        for (; i < values.Length; i++)
        {
            if (!(values[i] > threshold)) continue;
            sum += weights[i];
            count++;
        }
        return (sum + SumLanes(lower) + SumLanes(upper), count);
    }

    /// <summary>Turns scores into logarithms of probabilities, in place.</summary>
    /// <remarks>
    /// A row of nothing but minus infinity stays as it is; one with NaN or plus infinity becomes NaN, as in the reference.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSoftmax(Span<float> row)
    {
        float max = Max(row);
        if (!float.IsFinite(max))
        {
            if (!float.IsNegativeInfinity(max)) row.Fill(float.NaN);
            return;
        }
        float logSum = (float)Math.Log(SumOfExponentials(row, max));
        Vector512<float> shift = Vector512.Create(max), scale = Vector512.Create(logSum);
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width) (Load(ref first, i) - shift - scale).StoreUnsafe(ref first, (nuint)i);
        for (; i < row.Length; i++) row[i] = row[i] - max - logSum;
    }

    /// <summary>Sets everything below a threshold to minus infinity. NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaskBelow(Span<float> row, float threshold)
    {
        Vector512<float> bound = Vector512.Create(threshold), masked = Vector512.Create(float.NegativeInfinity);
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> values = Load(ref first, i);
            Vector512.ConditionalSelect(Vector512.LessThan(values, bound), masked, values).StoreUnsafe(ref first, (nuint)i);
        }
        for (; i < row.Length; i++)
        {
            if (row[i] < threshold) row[i] = float.NegativeInfinity;
        }
    }

    /// <summary>Sets the entries to minus infinity whose deciding value is not above a threshold.</summary>
    /// <param name="row">The row.</param>
    /// <param name="deciding">One value an entry; no NaN.</param>
    /// <param name="threshold">The threshold itself is not above.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaskWhereUpTo(Span<float> row, ReadOnlySpan<float> deciding, float threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(deciding.Length, row.Length);
        Vector512<float> bound = Vector512.Create(threshold), masked = Vector512.Create(float.NegativeInfinity);
        ref float first = ref MemoryMarshal.GetReference(row);
        ref float firstDeciding = ref MemoryMarshal.GetReference(deciding);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> goes = Vector512.LessThanOrEqual(Load(ref firstDeciding, i), bound);
            Vector512.ConditionalSelect(goes, masked, Load(ref first, i)).StoreUnsafe(ref first, (nuint)i);
        }
        for (; i < row.Length; i++)
        {
            if (deciding[i] <= threshold) row[i] = float.NegativeInfinity;
        }
    }

    // A slice and its checks cost more than the arithmetic; each loop above compares with the length itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(ref float first, int place) => Vector512.LoadUnsafe(ref first, (nuint)place);

    /// <summary>Fewer values than a vector has, the rest filled up.</summary>
    private static Vector512<float> LoadTail(ReadOnlySpan<float> tail, float fill)
    {
        Span<float> padded = stackalloc float[Vector512<float>.Count];
        padded.Fill(fill);
        tail.CopyTo(padded);
        return Vector512.Create((ReadOnlySpan<float>)padded);
    }

    // Apart from the loops: where a vector is handed on, the sums of the loop before it would live in memory too.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double TailExponentials(ReadOnlySpan<float> tail, float max, Span<float> weights)
    {
        Span<float> padded = stackalloc float[Vector512<float>.Count];
        Exponential.OfNonPositive(LoadTail(tail, float.NegativeInfinity) - Vector512.Create(max)).CopyTo(padded);
        if (!weights.IsEmpty) padded[..tail.Length].CopyTo(weights);
        double sum = 0;
        foreach (float weight in padded) sum += weight;
        return sum;
    }

    // In halves, by value: a vector that is indexed or handed on lives in memory, and in the loop before it as well.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double SumLanes(Vector512<double> v) => SumLanes(v.GetLower()) + SumLanes(v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumLanes(Vector256<double> v)
    {
        Vector128<double> lower = v.GetLower(), upper = v.GetUpper();
        return lower.ToScalar() + lower.GetElement(1) + upper.ToScalar() + upper.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MaxOfLanes(Vector512<float> v)
    {
        Vector256<float> eight = Vector256.MaxNative(v.GetLower(), v.GetUpper());
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        return Math.Max(Math.Max(four.ToScalar(), four.GetElement(1)), Math.Max(four.GetElement(2), four.GetElement(3)));
    }
}
