namespace Beamline.Decoding.Randomness;

/// <summary>
/// The random numbers of a run: a pure function of seed, branch and position, so a search can go on anywhere without carrying state.
/// </summary>
/// <param name="seed">Key of the generator.</param>
public readonly struct RandomSource(ulong seed)
{
    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    /// <param name="branch">The sample's number; 0 or more.</param>
    /// <param name="position">Index of the generated token; 0 or more.</param>
    /// <param name="draw">Which of several numbers at that position; 0 or more.</param>
    public double Uniform(int branch, int position, int draw = 0)
    {
        PhiloxBlock block = Philox4x32.Generate(new((uint)position, (uint)branch, (uint)draw, 0), seed);
        ulong bits = ((ulong)block.Word1 << 32) | block.Word0;
        return (bits >> 11) * (1.0 / (1UL << 53));
    }
}
