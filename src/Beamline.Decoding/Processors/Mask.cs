using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Sets scores of some ids.</summary>
internal static class Mask
{
    /// <summary>Masks ids; those outside the vocabulary are ignored.</summary>
    public static void Ids(ImmutableArray<int> ids, Span<float> scores)
    {
        foreach (int id in ids)
        {
            if ((uint)id < (uint)scores.Length) scores[id] = float.NegativeInfinity;
        }
    }

    /// <summary>Masks everything but some ids, which get 0.</summary>
    public static void AllBut(ImmutableArray<int> ids, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        foreach (int id in ids) scores[id] = 0;
    }
}
