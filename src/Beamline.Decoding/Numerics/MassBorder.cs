namespace Beamline.Decoding.Numerics;

/// <summary>
/// Looks for the border above which weighted values reach a mass, in a few looks at the row and without sorting it: everything above
/// the bracket that it finds stays, everything up to its lower end goes, and what is between is cheap to sort.
/// </summary>
internal static class MassBorder
{
    // From here on a look at the row costs more than sorting some hundred entries.
    private const int LongRow = 16_384;
    private const int SmallBracket = 64, SmallBracketOfLongRow = 256;
    private const int MaxProbes = 40;
    private const float FirstDistance = 4;
    private const int SampleSize = 256;

    // Ranks of the sample to either side of the one sought: three standard deviations of its rank at a mass of 0.9.
    private const int SampleMargin = 14;

    /// <summary>Finds the bracket.</summary>
    /// <param name="row">Values and their weights.</param>
    /// <param name="max">The greatest value, or anything finite that is not less.</param>
    /// <param name="target">The mass to reach.</param>
    /// <param name="atLeast">As many values are above the border in any case; 1 or more.</param>
    /// <returns>Its lower end is minus infinity when the border may lie below every value.</returns>
    public static MassBracket Find(WeightedRow row, float max, double target, int atLeast)
    {
        MassBracket bracket = new(float.NegativeInfinity, max, 0, 0, row.Count);
        if (row.Values.Length >= LongRow) bracket = Estimate(bracket, row, target, atLeast);
        return Narrow(bracket, row, target, atLeast);
    }

    /// <summary>Puts what a bracket leaves undecided in order: values descending, then places.</summary>
    /// <param name="bracket">The bracket.</param>
    /// <param name="row">The row.</param>
    /// <param name="lowestPlaceFirst">How equal values are ordered; see <see cref="Survivors.GatherKeys"/>, as for the keys.</param>
    /// <param name="keys">Memory for as many keys as the row is long.</param>
    public static ReadOnlySpan<ulong> SortUndecided(MassBracket bracket, WeightedRow row, bool lowestPlaceFirst, Span<ulong> keys)
    {
        keys = keys[..Survivors.GatherKeys(row.Values, bracket.Lower, bracket.Upper, lowestPlaceFirst, keys)];
        // Equal values have come in order of places: a row may hold nothing else, and then a sort would cost more than all the rest.
        if (!AreOfOneValue(keys)) keys.Sort();
        else if (!lowestPlaceFirst) keys.Reverse();
        return keys;
    }

    private static bool AreOfOneValue(ReadOnlySpan<ulong> keys)
    {
        ulong differences = 0;
        foreach (ulong key in keys) differences |= key ^ keys[0];
        return differences <= uint.MaxValue;
    }

    /// <summary>Guesses from every so manieth entry between which values the border lies, and looks there first.</summary>
    private static MassBracket Estimate(MassBracket bracket, WeightedRow row, double target, int atLeast)
    {
        Span<ulong> keys = stackalloc ulong[SampleSize];
        int stride = row.Values.Length / SampleSize, rank = SampleSize;
        for (int i = 0; i < SampleSize; i++) keys[i] = SortKey.DescendingPlaces(row.Values[i * stride], i * stride);
        keys.Sort();
        // From the unlikely end: a sample misses the few likely tokens, not the many unlikely ones.
        double dropped = row.Total - target;
        for (double mass = 0; rank > 0 && mass < dropped;)
        {
            mass += row.Weights[SortKey.PlaceOfDescending(keys[--rank])] * (double)stride;
        }
        float lower = row.Values[SortKey.PlaceOfDescending(keys[Math.Min(rank + SampleMargin, SampleSize - 1)])];
        float upper = row.Values[SortKey.PlaceOfDescending(keys[Math.Max(rank - SampleMargin, 0)])];
        if (bracket.Contains(lower)) bracket = Probe(bracket, lower, row, target, atLeast);
        return bracket.Contains(upper) ? Probe(bracket, upper, row, target, atLeast) : bracket;
    }

    private static MassBracket Narrow(MassBracket bracket, WeightedRow row, double target, int atLeast)
    {
        float distance = FirstDistance;
        int small = row.Values.Length >= LongRow ? SmallBracketOfLongRow : SmallBracket;
        for (int probes = 0; bracket.Undecided > small && probes < MaxProbes; probes++)
        {
            // Until there is a lower end, look twice as far down; then in the middle.
            bool open = float.IsNegativeInfinity(bracket.Lower);
            float threshold = open ? bracket.Upper - distance : bracket.Middle;
            distance *= 2;
            // No float is left between the ends: equal values, which only their places tell apart.
            if (!bracket.Contains(threshold)) break;
            bracket = Probe(bracket, threshold, row, target, atLeast);
        }
        return bracket;
    }

    private static MassBracket Probe(MassBracket bracket, float threshold, WeightedRow row, double target, int atLeast)
    {
        (double mass, int above) = RowMath.SumAbove(row.Values, row.Weights, threshold);
        return mass >= target && above >= atLeast
            ? bracket with { Lower = threshold, Undecided = above - bracket.Kept }
            : new(bracket.Lower, threshold, mass, above, bracket.Undecided - (above - bracket.Kept));
    }
}
