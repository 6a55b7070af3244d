using System.Runtime.InteropServices;
using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Search;

/// <summary>
/// What one step did: first the live hypotheses in the order of their new places, then those that finished. Reused from step to step.
/// </summary>
public sealed class SearchStep
{
    private readonly List<SearchEvent> _events;
    private readonly List<TokenLogprobs> _logprobs = [];

    /// <summary>A step with room for a search of so many rows.</summary>
    /// <param name="rows">Live hypotheses at most; 1 or more.</param>
    public SearchStep(int rows) => _events = new(2 * rows);

    /// <summary>All events in order.</summary>
    public ReadOnlySpan<SearchEvent> Events => CollectionsMarshal.AsSpan(_events);

    /// <summary>One entry an event when log-probabilities were asked for, else empty.</summary>
    public ReadOnlySpan<TokenLogprobs> Logprobs => CollectionsMarshal.AsSpan(_logprobs);

    /// <summary>The live hypotheses: the first <see cref="LiveCount"/> events.</summary>
    public ReadOnlySpan<SearchEvent> Live => Events[..LiveCount];

    /// <summary>Number of live hypotheses after the step.</summary>
    public int LiveCount { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _events.Clear();
        _logprobs.Clear();
        LiveCount = 0;
    }

    /// <summary>Adds an event; live ones come before finished ones.</summary>
    public void Add(in SearchEvent change)
    {
        if (change.Kind == SearchEventKind.Live)
        {
            if (LiveCount != _events.Count) throw new InvalidOperationException("Live events come before finished ones.");
            LiveCount++;
        }
        _events.Add(change);
    }

    /// <summary>Adds an event with its log-probabilities.</summary>
    public void Add(in SearchEvent change, TokenLogprobs logprobs)
    {
        Add(change);
        _logprobs.Add(logprobs);
    }
}
