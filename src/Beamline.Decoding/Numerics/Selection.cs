using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>Finds the k-th greatest value of a row in linear time, without sorting the row.</summary>
internal static class Selection
{
    private const int SmallestBuffer = 128;

    /// <summary>The k-th greatest value, repeats counted. NaN counts as greatest.</summary>
    /// <param name="row">The row.</param>
    /// <param name="k">1 to the row's length.</param>
    /// <param name="scratch">As long as the row.</param>
    /// <returns>The value; NaN when there are k of them.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float KthGreatest(ReadOnlySpan<float> row, int k, Span<float> scratch)
    {
        // Only values above the k-th best so far are worth keeping; when the buffer is full it is cut back to the k best.
        int size = Math.Max(2 * k, SmallestBuffer);
        Span<float> buffer = size < row.Length ? scratch[..size] : scratch[..row.Length];
        float floor = float.NegativeInfinity;
        ref float first = ref MemoryMarshal.GetReference(row);
        int count = 0, nans = 0, i = 0, width = Vector512<float>.Count;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> part = Vector512.LoadUnsafe(ref first, (nuint)i);
            ulong hits = (~Vector512.LessThanOrEqual(part, Vector512.Create(floor))).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1) Keep(row[i + BitOperations.TrailingZeroCount(hits)], buffer);
        }
        for (; i < row.Length; i++) Keep(row[i], buffer);
        if (nans >= k) return float.NaN;
        // What is missing was not above the floor, which is minus infinity as long as nothing was cut.
        return count < k - nans ? floor : Select(buffer[..count], k - nans);

        void Keep(float value, Span<float> kept)
        {
            if (float.IsNaN(value)) nans++;
            if (!(value > floor)) return;
            if (count == kept.Length)
            {
                floor = Select(kept, k);
                count = k;
                if (!(value > floor)) return;
            }
            kept[count++] = value;
        }
    }

    /// <summary>Reorders values so that the k greatest come first, and returns the least of those.</summary>
    /// <param name="values">No NaN.</param>
    /// <param name="k">1 to the number of values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Select(Span<float> values, int k)
    {
        int first = 0, last = values.Length - 1, target = k - 1;
        int patience = 2 * BitOperations.Log2((uint)values.Length) + 8;
        while (first < last)
        {
            if (patience-- == 0)
            {
                // Pivots were bad again and again: a sort bounds the time.
                Span<float> rest = values[first..(last + 1)];
                rest.Sort();
                rest.Reverse();
                break;
            }
            float pivot = MedianOfThree(values[first], values[(first + last) / 2], values[last]);
            // Three-way, so that rows of equal values end at once: greater, equal, less.
            int greater = first, less = last, at = first;
            while (at <= less)
            {
                float value = values[at];
                if (value > pivot) (values[at++], values[greater]) = (values[greater++], value);
                else if (value < pivot) (values[at], values[less]) = (values[less--], value);
                else at++;
            }
            if (target < greater) last = greater - 1;
            else if (target > less) first = less + 1;
            else return pivot;
        }
        return values[target];
    }

    private static float MedianOfThree(float a, float b, float c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
