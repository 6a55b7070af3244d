using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Nucleus sampling: keeps the likeliest tokens that together reach a probability.</summary>
/// <param name="topP">The probability to reach; 0 to 1; 1 changes nothing, 0 keeps the likeliest alone.</param>
/// <param name="minTokensToKeep">Kept in any case; 1 or more.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>
/// A token stays when those before it sum to less than <paramref name="topP"/>; they are ordered by score, and among equal scores by id,
/// the
/// highest first, as the reference's stable ascending sort has it. Holtzman et al. 2019, arXiv:1904.09751.
/// </remarks>
public sealed class TopPLogitsWarper(float topP, int minTokensToKeep, DecodingWorkspace workspace) : ILogitsProcessor
{
    private const int SmallBracket = 64;
    private const int MaxHalvings = 40;
    private const float FirstDistance = 4;

    /// <inheritdoc/>
    public string Name => nameof(TopPLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        int count = Survivors.Gather(scores, workspace.Values, workspace.Ids);
        Span<float> values = workspace.Values.AsSpan(0, count), weights = workspace.Weights.AsSpan(0, count);
        // No distribution, no nucleus: the reference keeps such rows as they are.
        if (count == 0 || RowMath.Max(values) is var max && !float.IsFinite(max)) return;
        double target = topP * RowMath.Exponentials(values, max, weights);
        Bracket bracket = Narrow(values, weights, max, target);
        Decide(scores, bracket, values, weights, target);
        if (!float.IsNegativeInfinity(bracket.Lower)) RowMath.MaskBelow(scores, float.BitIncrement(bracket.Lower));
    }

    /// <summary>
    /// Everything above the bracket stays, everything up to its lower end goes: halves it until what is between is cheap to sort.
    /// </summary>
    private Bracket Narrow(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float max, double target)
    {
        Bracket bracket = new(float.NegativeInfinity, max, KeptMass: 0, Kept: 0);
        int undecided = values.Length;
        float probe = max - FirstDistance;
        for (int halving = 0; undecided > SmallBracket && halving < MaxHalvings; halving++)
        {
            // No float is left between the ends: equal scores, which only their ids tell apart.
            if (!(probe > bracket.Lower && probe < bracket.Upper)) break;
            (double mass, int above) = RowMath.SumAbove(values, weights, probe);
            if (mass >= target && above >= minTokensToKeep)
            {
                bracket = bracket with { Lower = probe };
                undecided = above - bracket.Kept;
            }
            else
            {
                undecided -= above - bracket.Kept;
                bracket = bracket with { Upper = probe, KeptMass = mass, Kept = above };
            }
            // Until there is a lower end, look twice as far down; then in the middle.
            probe = float.IsNegativeInfinity(bracket.Lower) ? max - 2 * (max - probe) : bracket.Lower + (bracket.Upper - bracket.Lower) / 2;
        }
        return bracket;
    }

    private void Decide(Span<float> scores, Bracket bracket, ReadOnlySpan<float> values, ReadOnlySpan<float> weights, double target)
    {
        int count = Survivors.GatherKeys(values, bracket.Lower, bracket.Upper, workspace.Keys);
        Span<ulong> keys = workspace.Keys.AsSpan(0, count);
        keys.Sort();
        double mass = bracket.KeptMass;
        int kept = bracket.Kept;
        foreach (ulong key in keys)
        {
            int place = SortKey.PlaceOfDescending(key);
            if (mass >= target && kept >= minTokensToKeep) scores[workspace.Ids[place]] = float.NegativeInfinity;
            mass += weights[place];
            kept++;
        }
    }

    /// <summary>Scores above <paramref name="Lower"/> and up to <paramref name="Upper"/> are undecided.</summary>
    private readonly record struct Bracket(float Lower, float Upper, double KeptMass, int Kept);
}
