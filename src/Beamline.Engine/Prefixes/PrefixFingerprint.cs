using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Beamline.Engine.Prefixes;

/// <summary>
/// Names beginnings of prompts in few bytes, so that a worker can say which of them it has at hand. A collision costs time, never a byte.
/// </summary>
public static class PrefixFingerprint
{
    /// <summary>The lengths in tokens at which a beginning gets a fingerprint, ascending.</summary>
    public static ReadOnlySpan<int> Lengths => [16, 64, 256, 1024];

    /// <summary>The fingerprint of the first tokens of a prompt.</summary>
    /// <param name="prompt">The prompt; at least as long as <paramref name="length"/>.</param>
    /// <param name="length">One of <see cref="Lengths"/>.</param>
    public static ulong Of(ReadOnlySpan<int> prompt, int length) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(prompt[..length]), seed: length);

    /// <summary>The fingerprint of a history that is a prompt's beginning of one of <see cref="Lengths"/>; else 0.</summary>
    internal static ulong OfMarks(ReadOnlySpan<int> marks)
    {
        if (!Lengths.Contains(marks.Length)) return 0;
        foreach (int mark in marks)
        {
            if (mark >= Searches.BatchRow.FirstMark) return 0;      // not what a prompt's pass computes
        }
        return Of(marks, marks.Length);
    }
}
