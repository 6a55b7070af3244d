using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Beamline.Decoding.Numerics;

/// <summary>The best tokens out of one row or several, best first; of equal ones the one that was offered first.</summary>
/// <remarks>
/// Whatever may still be among the best is put down as it comes; when the buffer is full it is cut back to the best. A cut takes time
/// linear in the buffer and makes half of it free, so a token costs the same however many are kept.
/// </remarks>
internal sealed class BestTokens
{
    private readonly RankedToken[] _kept;
    private readonly RankedToken[] _ranked;
    private readonly ulong[] _keys;
    private readonly float[] _scores;

    // Once there are as many as are wanted, what does not beat the worst of them is behind it.
    private float _floor;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">How many to keep; 1 or more.</param>
    public BestTokens(int capacity)
    {
        Capacity = capacity;
        _kept = new RankedToken[2 * capacity];
        _ranked = new RankedToken[capacity];
        _keys = new ulong[capacity];
        _scores = new float[2 * capacity];
        Clear();
    }

    /// <summary>How many it keeps.</summary>
    public int Capacity { get; }

    /// <summary>How many are there; not above <see cref="Capacity"/> once they are ranked.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Count = 0;
        _floor = float.NegativeInfinity;
    }

    /// <summary>Offers every token of a row, in the order of ids. Masked tokens and NaN are left out.</summary>
    /// <param name="row">The row's number.</param>
    /// <param name="scores">Its scores.</param>
    /// <param name="sum">Added to each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Offer(int row, ReadOnlySpan<float> scores, float sum)
    {
        Vector512<float> shift = Vector512.Create(sum), floor = Vector512.Create(_floor);
        ref float first = ref MemoryMarshal.GetReference(scores);
        int width = Vector512<float>.Count, i = 0;
        for (; i + width <= scores.Length; i += width)
        {
            Vector512<float> part = Vector512.LoadUnsafe(ref first, (nuint)i) + shift;
            ulong hits = Vector512.GreaterThan(part, floor).ExtractMostSignificantBits();
            if (hits == 0) continue;
            for (; hits != 0; hits &= hits - 1)
            {
                int token = i + BitOperations.TrailingZeroCount(hits);
                OfferOne(row, token, scores[token] + sum);
            }
            floor = Vector512.Create(_floor);
        }
        for (; i < scores.Length; i++) OfferOne(row, i, scores[i] + sum);
    }

    /// <summary>Offers one token; it ranks behind equal ones that came before it.</summary>
    public void OfferOne(int row, int token, float score)
    {
        if (!(score > _floor)) return;
        if (Count == _kept.Length)
        {
            Cut();
            if (!(score > _floor)) return;
        }
        _kept[Count++] = new(row, token, score);
    }

    /// <summary>Ranks what was offered: the best first, valid until the next call. More may be offered afterwards.</summary>
    public ReadOnlySpan<RankedToken> Rank()
    {
        if (Count > Capacity) Cut();
        Span<ulong> keys = _keys.AsSpan(0, Count);
        for (int place = 0; place < keys.Length; place++) keys[place] = SortKey.Descending(_kept[place].Score, place);
        keys.Sort();
        for (int rank = 0; rank < keys.Length; rank++) _ranked[rank] = _kept[SortKey.PlaceOf(keys[rank])];
        return _ranked.AsSpan(0, Count);
    }

    /// <summary>Keeps the best in the order in which they came; of those equal to the worst the first.</summary>
    private void Cut()
    {
        Span<float> scores = _scores.AsSpan(0, Count);
        for (int place = 0; place < scores.Length; place++) scores[place] = _kept[place].Score;
        _floor = Selection.Select(scores, Capacity);
        int equal = Capacity;
        foreach (ref readonly RankedToken token in _kept.AsSpan(0, Count)) equal -= token.Score > _floor ? 1 : 0;
        int count = 0;
        foreach (RankedToken token in _kept.AsSpan(0, Count))
        {
            if (token.Score > _floor || (token.Score == _floor && equal-- > 0)) _kept[count++] = token;
        }
        Count = count;
    }
}
