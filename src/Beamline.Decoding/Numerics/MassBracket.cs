namespace Beamline.Decoding.Numerics;

/// <summary>Where a border lies: values above <paramref name="Lower"/> and up to <paramref name="Upper"/> are undecided.</summary>
/// <param name="Lower">What is not above it goes; minus infinity when nothing is known to go.</param>
/// <param name="Upper">What is above it stays.</param>
/// <param name="KeptMass">The weights above <paramref name="Upper"/>, added up.</param>
/// <param name="Kept">How many those are.</param>
/// <param name="Undecided">How many are between.</param>
internal readonly record struct MassBracket(float Lower, float Upper, double KeptMass, int Kept, int Undecided)
{
    /// <summary>Half-way; not inside when no float is left between the ends.</summary>
    public float Middle => Lower + (Upper - Lower) / 2;

    /// <summary>Whether a look at this threshold would tell something.</summary>
    public bool Contains(float threshold) => threshold > Lower && threshold < Upper;
}
