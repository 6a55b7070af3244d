namespace Beamline.Decoding.Randomness;

/// <summary>
/// Philox4x32-10: a random function of a counter and a key. There is no state, so any number of a run can be computed at any time.
/// </summary>
/// <remarks>Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".</remarks>
public static class Philox4x32
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>Four random words.</summary>
    /// <param name="counter">The counter's four words, word 0 first.</param>
    /// <param name="key">The key: word 0 in the low half, word 1 in the high half.</param>
    public static PhiloxBlock Generate(PhiloxBlock counter, ulong key)
    {
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        (uint c0, uint c1, uint c2, uint c3) = counter;
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0, product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ key1, (uint)product0);
            key0 += Weyl0;
            key1 += Weyl1;
        }
        return new(c0, c1, c2, c3);
    }
}
