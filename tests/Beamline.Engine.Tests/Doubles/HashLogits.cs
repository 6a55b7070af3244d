namespace Beamline.Engine.Tests.Doubles;

/// <summary>
/// A model without weights: the logits after a history are a hash of the history, so any wrong, missing or stale position shows.
/// </summary>
internal static class HashLogits
{
    public static ulong Begin => 0x9E3779B97F4A7C15;

    public static ulong Add(ulong hash, int token) => Mix(hash ^ (ulong)(token + 1));

    public static void Fill(ulong hash, Span<float> row)
    {
        for (int id = 0; id < row.Length; id++)
        {
            row[id] = (Mix(hash + (ulong)id * 0xD1B54A32D192ED03) >> 40) * (8f / (1 << 24));
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
