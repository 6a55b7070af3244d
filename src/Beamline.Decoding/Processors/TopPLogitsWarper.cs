using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Nucleus sampling: keeps the likeliest tokens that together reach a probability.</summary>
/// <param name="topP">The probability to reach; 0 to 1; 1 changes nothing, 0 keeps the likeliest alone.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// A token stays when those before it sum to less than <paramref name="topP"/>; they are ordered by score, and among equal scores by id,
/// the highest first, as the reference's stable ascending sort has it. Holtzman et al. 2019, arXiv:1904.09751.
/// </remarks>
public sealed class TopPLogitsWarper(float topP, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    // From here on a look at the row costs more than sorting some hundred entries.
    private const int LongRow = 16_384;
    private const int SmallBracket = 64, SmallBracketOfLongRow = 256;
    private const int MaxProbes = 40;
    private const float FirstDistance = 4;
    private const int SampleSize = 256;

    // Ranks of the sample to either side of the one sought: three standard deviations of its rank at a top-p of 0.9.
    private const int SampleMargin = 14;

    /// <inheritdoc/>
    public string Name => nameof(TopPLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        RowEntries entries = RowEntries.Of(scores, workspace);
        ReadOnlySpan<float> values = entries.Values;
        Span<float> weights = workspace.Weights.AsSpan(0, values.Length);
        // No distribution, no nucleus: the reference keeps such rows as they are.
        if (entries.Count == 0 || RowMath.Max(values) is var max && !float.IsFinite(max)) return;
        double total = RowMath.Exponentials(values, max, weights), target = topP * total;
        Bracket bracket = new(float.NegativeInfinity, max, 0, 0, entries.Count);
        if (values.Length >= LongRow) bracket = Estimate(bracket, values, weights, target, total - target);
        bracket = Narrow(bracket, values, weights, target);
        Decide(scores, bracket, entries, weights, target);
        if (!float.IsNegativeInfinity(bracket.Lower)) RowMath.MaskBelow(scores, float.BitIncrement(bracket.Lower));
    }

    /// <summary>Guesses from every so manieth entry between which scores the border lies, and looks there first.</summary>
    private Bracket Estimate(
        Bracket bracket, ReadOnlySpan<float> values, ReadOnlySpan<float> weights, double target, double dropped)
    {
        Span<ulong> keys = stackalloc ulong[SampleSize];
        int stride = values.Length / SampleSize, rank = SampleSize;
        for (int i = 0; i < SampleSize; i++) keys[i] = SortKey.DescendingPlaces(values[i * stride], i * stride);
        keys.Sort();
        // From the unlikely end: a sample misses the few likely tokens, not the many unlikely ones.
        for (double mass = 0; rank > 0 && mass < dropped;) mass += weights[SortKey.PlaceOfDescending(keys[--rank])] * (double)stride;
        float lower = values[SortKey.PlaceOfDescending(keys[Math.Min(rank + SampleMargin, SampleSize - 1)])];
        float upper = values[SortKey.PlaceOfDescending(keys[Math.Max(rank - SampleMargin, 0)])];
        if (bracket.Contains(lower)) bracket = Probe(bracket, lower, values, weights, target);
        return bracket.Contains(upper) ? Probe(bracket, upper, values, weights, target) : bracket;
    }

    /// <summary>
    /// Everything above the bracket stays, everything up to its lower end goes: halves it until what is between is cheap to sort.
    /// </summary>
    private Bracket Narrow(Bracket bracket, ReadOnlySpan<float> values, ReadOnlySpan<float> weights, double target)
    {
        float distance = FirstDistance;
        int small = values.Length >= LongRow ? SmallBracketOfLongRow : SmallBracket;
        for (int probes = 0; bracket.Undecided > small && probes < MaxProbes; probes++)
        {
            // Until there is a lower end, look twice as far down; then in the middle.
            bool open = float.IsNegativeInfinity(bracket.Lower);
            float threshold = open ? bracket.Upper - distance : bracket.Lower + (bracket.Upper - bracket.Lower) / 2;
            distance *= 2;
            // No float is left between the ends: equal scores, which only their ids tell apart.
            if (!bracket.Contains(threshold)) break;
            bracket = Probe(bracket, threshold, values, weights, target);
        }
        return bracket;
    }

    private Bracket Probe(Bracket bracket, float threshold, ReadOnlySpan<float> values, ReadOnlySpan<float> weights, double target)
    {
        (double mass, int above) = RowMath.SumAbove(values, weights, threshold);
        return mass >= target && above >= minTokensToKeep
            ? bracket with { Lower = threshold, Undecided = above - bracket.Kept }
            : new(bracket.Lower, threshold, mass, above, bracket.Undecided - (above - bracket.Kept));
    }

    private void Decide(Span<float> scores, Bracket bracket, RowEntries entries, ReadOnlySpan<float> weights, double target)
    {
        int count = Survivors.GatherKeys(entries.Values, bracket.Lower, bracket.Upper, workspace.Keys);
        Span<ulong> keys = workspace.Keys.AsSpan(0, count);
        keys.Sort();
        double mass = bracket.KeptMass;
        int kept = bracket.Kept;
        foreach (ulong key in keys)
        {
            int place = SortKey.PlaceOfDescending(key);
            if (mass >= target && kept >= minTokensToKeep) scores[entries.PlaceInRow(place)] = float.NegativeInfinity;
            mass += weights[place];
            kept++;
        }
    }

    /// <summary>Scores above <paramref name="Lower"/> and up to <paramref name="Upper"/> are undecided.</summary>
    private readonly record struct Bracket(float Lower, float Upper, double KeptMass, int Kept, int Undecided)
    {
        public bool Contains(float threshold) => threshold > Lower && threshold < Upper;
    }
}
