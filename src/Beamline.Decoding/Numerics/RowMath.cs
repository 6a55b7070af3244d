using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>Whole-row kernels. Each works on one row alone and in a fixed order, so a row gives the same bits in any batch.</summary>
internal static class RowMath
{
    /// <summary>The place of the greatest value; of equal ones the first. NaN counts as greatest, as in the reference.</summary>
    /// <param name="row">At least one value.</param>
    public static int IndexOfMax(ReadOnlySpan<float> row)
    {
        float max = TensorPrimitives.Max(row);
        Vector512<float> wanted = Vector512.Create(max);
        bool nan = float.IsNaN(max);
        int i = 0;
        for (; i + Vector512<float>.Count <= row.Length; i += Vector512<float>.Count)
        {
            Vector512<float> values = Vector512.Create(row.Slice(i, Vector512<float>.Count));
            ulong hits = (nan ? Vector512.IsNaN(values) : Vector512.Equals(values, wanted)).ExtractMostSignificantBits();
            if (hits != 0) return i + System.Numerics.BitOperations.TrailingZeroCount(hits);
        }
        while (nan ? !float.IsNaN(row[i]) : row[i] != max) i++;
        return i;
    }

    /// <summary>The sum of exp(x - max) over a row: 16 lanes of float exponentials, added up in double, lanes in order at the end.</summary>
    public static double SumOfExponentials(ReadOnlySpan<float> row, float max)
    {
        Vector512<float> shift = Vector512.Create(max);
        Vector512<double> lower = default, upper = default;
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> e = Vector512.Exp(Vector512.Create(row.Slice(i, width)) - shift);
            lower += Vector512.WidenLower(e);
            upper += Vector512.WidenUpper(e);
        }
        if (i < row.Length)
        {
            Vector512<float> e = Vector512.Exp(LoadTail(row[i..], float.NegativeInfinity) - shift);
            lower += Vector512.WidenLower(e);
            upper += Vector512.WidenUpper(e);
        }
        return SumLanes(lower) + SumLanes(upper);
    }

    /// <summary>The sum of a row in double: lane k adds elements k, k + 16, ...; then the lanes in order.</summary>
    public static double Sum(ReadOnlySpan<float> row)
    {
        Vector512<double> lower = default, upper = default;
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> values = Vector512.Create(row.Slice(i, width));
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
    /// <param name="values">Values to compare; NaN is not above anything.</param>
    /// <param name="weights">One weight a value.</param>
    /// <param name="threshold">The threshold itself is not above.</param>
    public static (double Sum, int Count) SumAbove(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float threshold)
    {
        Vector512<float> bound = Vector512.Create(threshold);
        Vector512<double> lower = default, upper = default;
        Vector512<int> counts = default;
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= values.Length; i += width)
        {
            Vector512<float> mask = Vector512.GreaterThan(Vector512.Create(values.Slice(i, width)), bound);
            Vector512<float> kept = Vector512.Create(weights.Slice(i, width)) & mask;
            lower += Vector512.WidenLower(kept);
            upper += Vector512.WidenUpper(kept);
            counts -= mask.AsInt32();
        }
        if (i < values.Length)
        {
            Vector512<float> mask = Vector512.GreaterThan(LoadTail(values[i..], float.NegativeInfinity), bound);
            Vector512<float> kept = LoadTail(weights[i..], 0) & mask;
            lower += Vector512.WidenLower(kept);
            upper += Vector512.WidenUpper(kept);
            counts -= mask.AsInt32();
        }
        return (SumLanes(lower) + SumLanes(upper), Vector512.Sum(counts));
    }

    /// <summary>Turns scores into logarithms of probabilities, in place. A row of nothing but minus infinity stays as it is.</summary>
    public static void LogSoftmax(Span<float> row)
    {
        float max = TensorPrimitives.Max<float>(row);
        if (float.IsNegativeInfinity(max)) return;
        float logSum = (float)Math.Log(SumOfExponentials(row, max));
        Vector512<float> shift = Vector512.Create(max), scale = Vector512.Create(logSum);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Span<float> part = row.Slice(i, width);
            (Vector512.Create((ReadOnlySpan<float>)part) - shift - scale).CopyTo(part);
        }
        for (; i < row.Length; i++) row[i] = row[i] - max - logSum;
    }

    /// <summary>Sets everything below a threshold to minus infinity. NaN stays.</summary>
    public static void MaskBelow(Span<float> row, float threshold)
    {
        Vector512<float> bound = Vector512.Create(threshold), masked = Vector512.Create(float.NegativeInfinity);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Span<float> part = row.Slice(i, width);
            Vector512<float> values = Vector512.Create((ReadOnlySpan<float>)part);
            Vector512.ConditionalSelect(Vector512.LessThan(values, bound), masked, values).CopyTo(part);
        }
        for (; i < row.Length; i++)
        {
            if (row[i] < threshold) row[i] = float.NegativeInfinity;
        }
    }

    /// <summary>Fewer values than a vector has, the rest filled up.</summary>
    private static Vector512<float> LoadTail(ReadOnlySpan<float> tail, float fill)
    {
        Span<float> padded = stackalloc float[Vector512<float>.Count];
        padded.Fill(fill);
        tail.CopyTo(padded);
        return Vector512.Create((ReadOnlySpan<float>)padded);
    }

    private static double SumLanes(Vector512<double> lanes)
    {
        double sum = 0;
        for (int k = 0; k < Vector512<double>.Count; k++) sum += lanes[k];
        return sum;
    }
}
