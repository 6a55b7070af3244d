using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Logprobs;
using Beamline.Decoding.Search;

namespace Beamline.Decoding.Beams;

/// <summary>The best finished hypotheses of a group, best first; of equal ones the earlier.</summary>
/// <param name="group">The group's number.</param>
/// <param name="capacity">Places; 1 or more.</param>
/// <param name="maxNewTokens">The longest hypothesis.</param>
internal sealed class FinishedBeams(int group, int capacity, int maxNewTokens)
{
    private readonly TokenRows _ids = new(capacity, [], maxNewTokens);
    private readonly Entry[] _entries = new Entry[capacity];

    /// <summary>Finished hypotheses.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every place is taken.</summary>
    public bool IsFull => Count == _entries.Length;

    /// <summary>The last place's score; only when <see cref="IsFull"/>.</summary>
    public float WorstScore => _entries[^1].Score;

    /// <summary>Takes a hypothesis in if a place is free or it beats the worst.</summary>
    /// <param name="generated">Its ids; the last token comes apart.</param>
    /// <param name="token">The last token; -1 for none.</param>
    /// <param name="score">Its final score.</param>
    /// <param name="reason">Why it ended.</param>
    /// <param name="logprobs">Its log-probabilities, if asked for.</param>
    /// <returns>Whether it is in.</returns>
    public bool TryAdd(ReadOnlySpan<int> generated, int token, float score, SearchEndReason reason, LogprobChain? logprobs)
    {
        if (IsFull && !(score > WorstScore)) return false;
        int row = IsFull ? _entries[^1].Row : Count;
        int place = IsFull ? Count - 1 : Count++;
        for (; place > 0 && _entries[place - 1].Score < score; place--) _entries[place] = _entries[place - 1];
        int length = generated.Length;
        _ids.Write(row, generated);
        if (token >= 0) _ids.Set(row, length++, token);
        _entries[place] = new(row, length, score, reason, logprobs);
        return true;
    }

    /// <summary>All of them, best first.</summary>
    public IEnumerable<FinishedHypothesis> ToHypotheses()
    {
        foreach (Entry entry in _entries.Take(Count))
        {
            ImmutableArray<int> ids = [.. _ids.Generated(entry.Row, entry.Length)];
            yield return new(group, ids, entry.Score, entry.Reason.ToFinishReason(), LogprobChain.ToArray(entry.Logprobs));
        }
    }

    private readonly record struct Entry(int Row, int Length, float Score, SearchEndReason Reason, LogprobChain? Logprobs);
}
