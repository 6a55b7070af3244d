using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Search;

/// <summary>
/// Follows the events of a search and knows at each step what <see cref="ISearch.Save"/> would give: what a restart elsewhere needs.
/// </summary>
/// <remarks>
/// Sees neither logits nor the search. The events of a step may come in any number of pieces; the state is whole when they all have come.
/// A last
/// step that leaves nothing live and finishes nothing has no events: the outcome tells that the search has ended. One thread at a time.
/// </remarks>
public sealed class SearchStateBuilder
{
    private readonly bool _isBeamSearch;
    private readonly int _groupWidth;
    private readonly List<FinishedNode>[] _finished;
    private List<LiveNode> _live = [];
    private List<LiveNode> _before = [];
    private int _step;
    private bool _isStopped;

    /// <summary>Begins where the ticket begins: at the prompt, or at <see cref="SearchTicket.Resume"/>.</summary>
    public SearchStateBuilder(SearchTicket ticket)
    {
        CheckedParameters parameters = ticket.Parameters;
        _isBeamSearch = parameters.Kind == SearchKind.Beam;
        int groups = _isBeamSearch ? parameters.Values.NumBeamGroups ?? 1 : 1;
        _groupWidth = parameters.NumBeams / groups;
        _finished = [.. Enumerable.Range(0, groups).Select(_ => new List<FinishedNode>())];
        if (ticket.Resume is { } state) Take(state);
        else _live.Add(new(ticket.FirstBranch, 0, null));
    }

    /// <summary>Takes events in.</summary>
    /// <param name="events">Events in order, each once.</param>
    /// <param name="logprobs">One entry an event when log-probabilities were asked for, else empty.</param>
    public void Apply(ReadOnlySpan<SearchEvent> events, ReadOnlySpan<TokenLogprobs> logprobs)
    {
        for (int i = 0; i < events.Length; i++) Apply(events[i], logprobs.IsEmpty ? null : logprobs[i]);
    }

    /// <summary>The state after the events so far.</summary>
    public SearchState Build() => new(
        _step,
        [.. _live.Select(live => new LiveHypothesis(live.Branch, Node.Ids(live.Last), live.Score, Node.Logprobs(live.Last)))],
        [.. _finished.SelectMany(group => group).Select(finished => finished.ToHypothesis())]);

    private void Take(SearchState state)
    {
        _step = state.Step;
        foreach (LiveHypothesis live in state.Live) _live.Add(new(live.Branch, live.Score, Node.Of(live.Ids, live.Logprobs)));
        foreach (FinishedHypothesis finished in state.Finished)
        {
            _finished[_isBeamSearch ? finished.Branch : 0].Add(
                new(finished.Branch, finished.Score, finished.Reason.ToSearchEndReason(), Node.Of(finished.Ids, finished.Logprobs)));
        }
    }

    private void Apply(in SearchEvent change, TokenLogprobs? logprobs)
    {
        if (change.Token < 0)
        {
            // A deadline ends the whole search where it stands: the places are those after the last step.
            if (!_isStopped) BeginStep(_step);
            _isStopped = true;
            Finish(change, _before[change.Parent].Last);
            return;
        }
        if (change.Step > _step) BeginStep(change.Step);
        Node last = new(_before[change.Parent].Last, change.Token, logprobs);
        if (change.Kind == SearchEventKind.Live) _live.Add(new(change.Branch, change.Score, last));
        else Finish(change, last);
    }

    private void BeginStep(int step)
    {
        _step = step;
        (_before, _live) = (_live, _before);
        _live.Clear();
    }

    private void Finish(in SearchEvent change, Node? last)
    {
        List<FinishedNode> list = _finished[_isBeamSearch ? change.Branch : 0];
        FinishedNode finished = new(change.Branch, _isBeamSearch ? change.Score : null, change.Reason, last);
        if (!_isBeamSearch)
        {
            list.Add(finished);
            return;
        }
        if (list.Count == _groupWidth) list.RemoveAt(list.Count - 1);
        int place = list.Count;
        while (place > 0 && list[place - 1].Score < change.Score) place--;
        list.Insert(place, finished);
    }

    private readonly record struct LiveNode(int Branch, float Score, Node? Last);

    private readonly record struct FinishedNode(int Branch, float? Score, SearchEndReason Reason, Node? Last)
    {
        public FinishedHypothesis ToHypothesis() => new(Branch, Node.Ids(Last), Score, Reason.ToFinishReason(), Node.Logprobs(Last));
    }

    /// <summary>A token and those before it; forks share what they have in common.</summary>
    private sealed class Node(Node? before, int token, TokenLogprobs? logprobs)
    {
        private readonly int _length = (before?._length ?? 0) + 1;

        public static Node? Of(ImmutableArray<int> ids, ImmutableArray<TokenLogprobs> logprobs)
        {
            Node? last = null;
            for (int i = 0; i < ids.Length; i++) last = new(last, ids[i], logprobs.IsDefaultOrEmpty ? null : logprobs[i]);
            return last;
        }

        public static ImmutableArray<int> Ids(Node? last) => ToArray(last, static node => node.Token);

        public static ImmutableArray<TokenLogprobs> Logprobs(Node? last) =>
            last?.Entry is null ? [] : ToArray(last, static node => node.Entry!);

        private int Token => token;

        private TokenLogprobs? Entry => logprobs;

        private Node? Before => before;

        private static ImmutableArray<T> ToArray<T>(Node? last, Func<Node, T> value)
        {
            T[] values = new T[last?._length ?? 0];
            for (Node? node = last; node is not null; node = node.Before) values[node._length - 1] = value(node);
            return ImmutableCollectionsMarshal.AsImmutableArray(values);
        }
    }
}
