namespace Beamline.Decoding.Numerics;

/// <summary>Packs a float and a place into one integer, so that an ordinary sort of integers orders by value and then by place.</summary>
/// <remarks>Sorting with a comparer would allocate; NaN must not come in.</remarks>
internal static class SortKey
{
    /// <summary>Sorts by value ascending, then by place ascending.</summary>
    public static ulong Ascending(float value, int place) => ((ulong)Ordered(value) << 32) | (uint)place;

    /// <summary>Sorts by value descending, then by place ascending.</summary>
    public static ulong Descending(float value, int place) => ((ulong)~Ordered(value) << 32) | (uint)place;

    /// <summary>Sorts by value descending, then by place descending.</summary>
    public static ulong DescendingPlaces(float value, int place) => ((ulong)~Ordered(value) << 32) | ~(uint)place;

    /// <summary>The place in a key of <see cref="Ascending"/> or <see cref="Descending"/>.</summary>
    public static int PlaceOf(ulong key) => (int)(uint)key;

    /// <summary>The place in a key of <see cref="DescendingPlaces"/>.</summary>
    public static int PlaceOfDescending(ulong key) => (int)~(uint)key;

    // The order of floats as the order of unsigned integers; adding 0 makes -0 equal to 0.
    private static uint Ordered(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
