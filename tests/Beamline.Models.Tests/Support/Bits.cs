using System.Runtime.InteropServices;

namespace Beamline.Models.Tests.Support;

/// <summary>Compares floats by their bits.</summary>
public static class Bits
{
    public static void ShouldBeTheSame(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string where)
    {
        if (MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes(expected))) return;
        actual.Length.ShouldBe(expected.Length, where);
        for (int i = 0; i < actual.Length; i++)
        {
            uint found = BitConverter.SingleToUInt32Bits(actual[i]), wanted = BitConverter.SingleToUInt32Bits(expected[i]);
            found.ShouldBe(wanted, $"{where}, number {i}: {actual[i]} and {expected[i]}");
        }
    }
}
