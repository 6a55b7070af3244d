using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Search;

/// <summary>Beam search: keeps the best hypotheses of each length and collects those that end.</summary>
/// <remarks>
/// Of the best K = max(2, 1 + stop ids) x beams continuations, those of the first rank that end go to the finished list, the best of the
/// others go on. Where the reference fills up with hypotheses that cannot be real, here there are fewer.
/// </remarks>
public sealed class BeamSearch : ISearch
{
    /// <summary>What a masked token costs when there is no other way on: the reference's own placeholder, and finite so that JSON can carry it.</summary>
    private const float MaskedLogprob = -1e9f;

    private readonly CheckedParameters _parameters;
    private readonly LogitsProcessorList _processors;
    private readonly StopRules _stops;
    private readonly BeamScoring _scoring;
    private readonly BeamCandidates _candidates;
    private readonly FinishedBeams _finished;
    private readonly SearchEvent[] _newlyFinished;
    private BeamRows _live;
    private BeamRows _next;
    private int _newlyFinishedCount;

    internal BeamSearch(SearchTicket ticket, LogitsProcessorList processors, ITokenBytes tokens)
    {
        _parameters = ticket.Parameters;
        _processors = processors;
        _stops = new(_parameters, tokens);
        _scoring = new(_parameters);
        int beams = _parameters.NumBeams;
        _candidates = new(Math.Max(2, 1 + _parameters.StopIds.Length) * beams);
        _finished = new(beams, _parameters.MaxNewTokens);
        _newlyFinished = new SearchEvent[beams];
        _live = new(beams, ticket.PromptIds.AsSpan(), _parameters.MaxNewTokens);
        _next = new(beams, ticket.PromptIds.AsSpan(), _parameters.MaxNewTokens);
        if (ticket.Resume is { } state && (state.Step > 0 || state.Finished.Length > 0)) Restore(state);
        else _live.Add([], 0, -1, 0, StopRules.StartOfText);
    }

    /// <inheritdoc/>
    public int LiveCount => _live.Count;

    /// <inheritdoc/>
    public int Step { get; private set; }

    /// <inheritdoc/>
    public bool IsDone => _live.Count == 0;

    /// <inheritdoc/>
    public ReadOnlySpan<int> GeneratedIds(int live)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)live, (uint)LiveCount);
        return _live.Generated(live, Step);
    }

    /// <inheritdoc/>
    public void Advance(LogitsRows logits, SearchStep step)
    {
        SearchGuard.CheckRows(this, logits, _parameters.VocabularySize);
        step.Clear();
        Rank(logits);
        Step++;
        _newlyFinishedCount = 0;
        _next.Clear();
        for (int rank = 0; rank < _candidates.Best.Length; rank++) Place(_candidates.Best[rank], rank);
        if (_next.Count > 0 && _scoring.IsDone(_finished, _next.Score(0), Step)) _next.Clear();
        (_live, _next) = (_next, _live);
        Report(step);
    }

    /// <inheritdoc/>
    public void Stop(SearchEndReason reason, SearchStep step)
    {
        step.Clear();
        for (int place = 0; place < _live.Count; place++)
        {
            float score = _scoring.Final(_live.Score(place), Step);
            if (!_finished.TryAdd(_live.Generated(place, Step), -1, score, reason)) continue;
            step.Add(new(SearchEventKind.Finished, reason, Step, 0, place, -1, score));
        }
        _live.Clear();
    }

    /// <inheritdoc/>
    public SearchState Save() => new(
        Step,
        [.. Enumerable.Range(0, _live.Count).Select(place => new LiveHypothesis(0, [.. _live.Generated(place, Step)], _live.Score(place), []))],
        [.. Enumerable.Range(0, _finished.Count).Select(Finished)]);

    /// <inheritdoc/>
    public ImmutableArray<FinishedHypothesis> GetResults()
    {
        SearchGuard.CheckEnded(this);
        return [.. Enumerable.Range(0, Math.Min(_finished.Count, _parameters.NumReturnSequences)).Select(Finished)];
    }

    private void Restore(SearchState state)
    {
        Step = state.Step;
        foreach (LiveHypothesis hypothesis in state.Live)
        {
            _live.Add(hypothesis.Ids.AsSpan(), hypothesis.Score, -1, 0, _stops.Replay(hypothesis.Ids));
        }
        foreach (FinishedHypothesis hypothesis in state.Finished)
        {
            _finished.TryAdd(hypothesis.Ids.AsSpan(), -1, hypothesis.Score ?? 0, hypothesis.Reason.ToSearchEndReason());
        }
    }

    private void Rank(LogitsRows logits)
    {
        _candidates.Clear();
        for (int place = 0; place < _live.Count; place++)
        {
            Span<float> row = logits[place];
            RowMath.LogSoftmax(row);
            _processors.Process(_live.History(place, Step), row);
            _candidates.Offer(place, row, _live.Score(place));
        }
        // Nothing may follow and nothing has ended: as greedy search does, go on with masked tokens rather than end without a result.
        if (_candidates.Best.Length > 0 || _finished.Count > 0) return;
        for (int token = 0; token < logits.VocabularySize; token++) _candidates.OfferOne(0, token, _live.Score(0) + MaskedLogprob);
    }

    private void Place(BeamCandidate candidate, int rank)
    {
        int textState = _stops.Append(_live.TextState(candidate.Parent), candidate.Token);
        SearchEndReason reason = _stops.Check(candidate.Token, textState, Step);
        ReadOnlySpan<int> generated = _live.Generated(candidate.Parent, Step - 1);
        if (reason == SearchEndReason.None)
        {
            if (_next.Count < _parameters.NumBeams) _next.Add(generated, candidate.Score, candidate.Token, candidate.Parent, textState);
            return;
        }
        // Those behind the first rank are there to keep the beams filled; they do not finish.
        if (rank >= _parameters.NumBeams) return;
        float score = _scoring.Final(candidate.Score, Step);
        if (!_finished.TryAdd(generated, candidate.Token, score, reason)) return;
        _newlyFinished[_newlyFinishedCount++] =
            new(SearchEventKind.Finished, reason, Step, 0, candidate.Parent, candidate.Token, score);
    }

    private void Report(SearchStep step)
    {
        for (int place = 0; place < _live.Count; place++)
        {
            step.Add(new(
                SearchEventKind.Live, SearchEndReason.None, Step, 0, _live.Parent(place), _live.Token(place, Step), _live.Score(place)));
        }
        foreach (ref readonly SearchEvent finished in _newlyFinished.AsSpan(0, _newlyFinishedCount)) step.Add(finished);
    }

    private FinishedHypothesis Finished(int place)
    {
        FinishedBeams.Entry entry = _finished[place];
        return new(0, [.. _finished.Ids(place)], entry.Score, entry.Reason.ToFinishReason(), []);
    }
}
