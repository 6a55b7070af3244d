using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>
/// Collects the entries of a row that are still in play, so that what follows costs by their number and not by the vocabulary.
/// </summary>
internal static class Survivors
{
    /// <summary>Copies what is not masked, and where it stood, in order. NaN and plus infinity are not masked.</summary>
    /// <param name="row">The row; minus infinity is masked.</param>
    /// <param name="values">Receives the values; as long as the row.</param>
    /// <param name="places">Receives their places; as long as the row.</param>
    /// <returns>How many there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Gather(ReadOnlySpan<float> row, Span<float> values, Span<int> places)
    {
        Vector512<float> masked = Vector512.Create(float.NegativeInfinity);
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, count = 0, i = 0;
        ulong all = (1UL << width) - 1;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> part = Vector512.LoadUnsafe(ref first, (nuint)i);
            ulong hits = all ^ Vector512.Equals(part, masked).ExtractMostSignificantBits();
            if (hits == all)
            {
                part.CopyTo(values.Slice(count, width));
                (Vector512.Create(i) + Vector512<int>.Indices).CopyTo(places.Slice(count, width));
                count += width;
                continue;
            }
            for (; hits != 0; hits &= hits - 1)
            {
                int place = i + BitOperations.TrailingZeroCount(hits);
                values[count] = row[place];
                places[count++] = place;
            }
        }
        for (; i < row.Length; i++)
        {
            if (float.IsNegativeInfinity(row[i])) continue;
            values[count] = row[i];
            places[count++] = i;
        }
        return count;
    }

    /// <summary>Packs values within bounds, and their places, for a sort by value, descending, and then by place.</summary>
    /// <param name="row">The row; no NaN.</param>
    /// <param name="above">Values must be greater than this.</param>
    /// <param name="upTo">Values must not be greater than this.</param>
    /// <param name="lowestPlaceFirst">
    /// Whether keys are those of <see cref="SortKey.Descending"/>; else they are those of <see cref="SortKey.DescendingPlaces"/>.
    /// </param>
    /// <param name="keys">Receives the keys in the order of places; as long as the row.</param>
    /// <returns>How many there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int GatherKeys(ReadOnlySpan<float> row, float above, float upTo, bool lowestPlaceFirst, Span<ulong> keys)
    {
        Vector512<float> lower = Vector512.Create(above), upper = Vector512.Create(upTo);
        // The two kinds of keys differ in the bits of the place alone.
        ulong turned = lowestPlaceFirst ? uint.MaxValue : 0;
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, count = 0, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> part = Vector512.LoadUnsafe(ref first, (nuint)i);
            ulong hits = (Vector512.GreaterThan(part, lower) & Vector512.LessThanOrEqual(part, upper)).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1)
            {
                int place = i + BitOperations.TrailingZeroCount(hits);
                keys[count++] = SortKey.DescendingPlaces(row[place], place) ^ turned;
            }
        }
        for (; i < row.Length; i++)
        {
            if (row[i] > above && row[i] <= upTo) keys[count++] = SortKey.DescendingPlaces(row[i], i) ^ turned;
        }
        return count;
    }
}
