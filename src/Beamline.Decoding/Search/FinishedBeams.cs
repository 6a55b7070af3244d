using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Search;

/// <summary>The best finished hypotheses of a group, best first; of equal ones the earlier.</summary>
/// <param name="capacity">Places; 1 or more.</param>
/// <param name="maxNewTokens">The longest hypothesis.</param>
internal sealed class FinishedBeams(int capacity, int maxNewTokens)
{
    private readonly TokenRows _ids = new(capacity, [], maxNewTokens);
    private readonly Entry[] _entries = new Entry[capacity];

    /// <summary>Finished hypotheses.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every place is taken.</summary>
    public bool IsFull => Count == _entries.Length;

    /// <summary>The last place's score; only when <see cref="IsFull"/>.</summary>
    public float WorstScore => _entries[^1].Score;

    /// <summary>One hypothesis.</summary>
    /// <param name="place">0 is the best.</param>
    public Entry this[int place] => _entries[place];

    /// <summary>The ids of a hypothesis.</summary>
    /// <param name="place">0 is the best.</param>
    public ReadOnlySpan<int> Ids(int place) => _ids.Generated(_entries[place].Row, _entries[place].Length);

    /// <summary>Takes a hypothesis in if a place is free or it beats the worst.</summary>
    /// <param name="generated">Its ids; the last token comes apart.</param>
    /// <param name="token">The last token; -1 for none.</param>
    /// <param name="score">Its final score.</param>
    /// <param name="reason">Why it ended.</param>
    /// <returns>Whether it is in.</returns>
    public bool TryAdd(ReadOnlySpan<int> generated, int token, float score, SearchEndReason reason)
    {
        if (IsFull && !(score > WorstScore)) return false;
        int row = IsFull ? _entries[^1].Row : Count;
        int place = IsFull ? Count - 1 : Count++;
        for (; place > 0 && _entries[place - 1].Score < score; place--) _entries[place] = _entries[place - 1];
        int length = generated.Length;
        _ids.Write(row, generated);
        if (token >= 0) _ids.Set(row, length++, token);
        _entries[place] = new(row, length, score, reason);
        return true;
    }

    /// <summary>What is kept of a hypothesis beside its ids.</summary>
    internal readonly record struct Entry(int Row, int Length, float Score, SearchEndReason Reason);
}
