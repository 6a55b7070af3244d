using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Search;

/// <summary>The best ways on out of rows of log-probabilities, best first; of equal ones the lower parent, then the lower token.</summary>
/// <param name="capacity">How many to keep; 1 or more.</param>
internal sealed class BeamCandidates(int capacity)
{
    private readonly BeamCandidate[] _best = new BeamCandidate[capacity];
    private int _count;

    /// <summary>How many it keeps.</summary>
    public int Capacity => _best.Length;

    /// <summary>The candidates, best first.</summary>
    public ReadOnlySpan<BeamCandidate> Best => _best.AsSpan(0, _count);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = 0;

    /// <summary>Offers every token of a row; rows come in the order of their parents. Masked tokens and NaN are no way on.</summary>
    /// <param name="parent">The hypothesis that the row continues.</param>
    /// <param name="row">Processed log-probabilities.</param>
    /// <param name="score">The hypothesis' running sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Offer(int parent, ReadOnlySpan<float> row, float score)
    {
        Vector512<float> sum = Vector512.Create(score), floor = Vector512.Create(Floor);
        ref float first = ref MemoryMarshal.GetReference(row);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= row.Length; i += width)
        {
            Vector512<float> scores = Vector512.LoadUnsafe(ref first, (nuint)i) + sum;
            ulong hits = Vector512.GreaterThan(scores, floor).ExtractMostSignificantBits();
            if (hits == 0) continue;
            for (; hits != 0; hits &= hits - 1)
            {
                int token = i + BitOperations.TrailingZeroCount(hits);
                OfferOne(parent, token, row[token] + score);
            }
            floor = Vector512.Create(Floor);
        }
        for (; i < row.Length; i++) OfferOne(parent, i, row[i] + score);
    }

    /// <summary>Offers one candidate; it ranks behind equal ones that came before it.</summary>
    public void OfferOne(int parent, int token, float score)
    {
        if (!(score > Floor)) return;
        int place = _count < _best.Length ? _count++ : _count - 1;
        for (; place > 0 && _best[place - 1].Score < score; place--) _best[place] = _best[place - 1];
        _best[place] = new(parent, token, score);
    }

    // Once the list is full, what does not beat its last entry is behind it.
    private float Floor => _count < _best.Length ? float.NegativeInfinity : _best[_count - 1].Score;
}
