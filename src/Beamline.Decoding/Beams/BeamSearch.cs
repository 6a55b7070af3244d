using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Logprobs;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Search;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Beams;

/// <summary>
/// Beam search: keeps the best hypotheses of each length and collects those that end. With sampling and with diverse groups.
/// </summary>
/// <remarks>
/// Of the best K = max(2, 1 + stop ids) x beams ways on, those of the first rank that end go to the finished list and the best of the
/// others go on. Where the reference fills up with hypotheses that cannot be real, here there are fewer.
/// </remarks>
public sealed class BeamSearch : ISearch
{
    /// <summary>
    /// What a masked token costs when there is no other way on: the reference's own placeholder, and finite so that JSON can carry it.
    /// </summary>
    private const float MaskedLogprob = -1e9f;

    private readonly CheckedParameters _parameters;
    private readonly LogitsProcessorList _processors;
    private readonly StopRules _stops;
    private readonly BeamGroup[] _groups;
    private readonly BestTokens _candidates;
    private readonly BeamSampler? _sampler;
    private readonly LogprobReporter? _logprobs;
    private readonly BeamReport _report;
    private readonly float[] _promptRow;
    private BeamRows _live;
    private BeamRows _next;

    internal BeamSearch(SearchTicket ticket, LogitsProcessorList processors, ITokenBytes tokens)
    {
        _parameters = ticket.Parameters;
        _processors = processors;
        _stops = new(_parameters, tokens);
        int beams = _parameters.NumBeams, vocabularySize = _parameters.VocabularySize, groups = _parameters.Values.NumBeamGroups ?? 1;
        int candidates = Math.Max(2, 1 + _parameters.StopIds.Length) * (beams / groups);
        _groups = [.. Enumerable.Range(0, groups).Select(number => new BeamGroup(number, groups, _parameters, _stops))];
        _candidates = new(candidates);
        if (_parameters.DoSample) _sampler = new(new RandomSource(_parameters.Seed), beams, vocabularySize);
        if (_parameters.Values.Logprobs is { } top) _logprobs = new(top, beams, vocabularySize);
        _report = new(beams, _logprobs);
        _promptRow = groups > 1 ? new float[vocabularySize] : [];
        _live = new(beams, ticket.PromptIds.AsSpan(), _parameters.MaxNewTokens);
        _next = new(beams, ticket.PromptIds.AsSpan(), _parameters.MaxNewTokens);
        if (ticket.Resume is { } state && !state.IsStart()) Restore(state);
        else _live.Add([], -1, new(0, 0, 0, StopRules.StartOfText, null));
    }

    /// <summary>
    /// What the beams of a group that is done count as choosing. The reference takes the first stop id; without one no group is done
    /// early.
    /// </summary>
    private int PadId => _parameters.StopIds.IsEmpty ? -1 : _parameters.StopIds[0];

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
        _processors.Diversity?.Clear();
        _next.CutTo(0);
        int first = 0;
        foreach (BeamGroup group in _groups)
        {
            int end = Step == 0 ? 1 : EndOfGroup(first, group.Number);
            if (group.IsDone) _processors.Diversity?.Choose(PadId, group.Width);
            else Advance(group, logits, first, end);
            if (Step > 0) first = end;
        }
        Step++;
        (_live, _next) = (_next, _live);
        _report.WriteTo(step, _live, Step);
    }

    /// <inheritdoc/>
    public void Stop(SearchEndReason reason, SearchStep step)
    {
        step.Clear();
        if (Step == 0) _groups[0].Stop(_live, reason, Step, _report);
        else foreach (BeamGroup group in _groups) group.Stop(_live, reason, Step, _report);
        _live.CutTo(0);
        _report.WriteTo(step, _live, Step);
    }

    /// <inheritdoc/>
    public SearchState Save() => new(
        Step, [.. Enumerable.Range(0, _live.Count).Select(Live)], [.. _groups.SelectMany(group => group.Finished.ToHypotheses())]);

    /// <inheritdoc/>
    public ImmutableArray<FinishedHypothesis> GetResults()
    {
        SearchGuard.CheckEnded(this);
        // A stable sort: of equal scores, which two groups reach when they find the same, the later group first, as in the reference.
        IEnumerable<FinishedHypothesis> all = _groups.Reverse().SelectMany(group => group.Finished.ToHypotheses());
        return [.. all.OrderByDescending(hypothesis => hypothesis.Score).Take(_parameters.NumReturnSequences)];
    }

    private void Advance(BeamGroup group, LogitsRows logits, int first, int end)
    {
        _candidates.Clear();
        _sampler?.Clear();
        for (int place = first; place < end; place++)
        {
            Span<float> row = logits[place];
            if (Step == 0 && group.Number < _groups.Length - 1)
            {
                // All groups begin from the prompt's row; each but the last works on a copy.
                row.CopyTo(_promptRow);
                row = _promptRow;
            }
            Score(place, row);
        }
        _sampler?.Draw(logits, Step, _candidates);
        if (_candidates.Count == 0 && group.Finished.Count == 0) OfferMasked(first);
        int begin = _next.Count;
        group.Take(_candidates.Rank(), _live, _next, Step + 1, _report);
        for (int place = begin; place < _next.Count; place++) _processors.Diversity?.Choose(_next.Generated(place, Step + 1)[^1]);
        if (group.IsDone) _next.CutTo(begin);
    }

    private void Score(int place, Span<float> row)
    {
        RowMath.LogSoftmax(row);
        _logprobs?.NoteRaw(place, row);
        _processors.Process(_live.History(place, Step), row);
        _logprobs?.NoteProcessed(place, row, normalise: false);
        if (_sampler is null) _candidates.Offer(place, row, _live[place].Score);
        else _sampler.Offer(place, row, _live[place].Score);
    }

    /// <summary>
    /// Nothing may follow and nothing has ended: go on with masked tokens, as greedy search does, rather than end without a result.
    /// </summary>
    private void OfferMasked(int place)
    {
        for (int token = 0; token < _parameters.VocabularySize; token++)
        {
            _candidates.OfferOne(place, token, _live[place].Score + MaskedLogprob);
        }
    }

    private int EndOfGroup(int first, int group)
    {
        int end = first;
        while (end < _live.Count && _live[end].Group == group) end++;
        return end;
    }

    private LiveHypothesis Live(int place) =>
        new(_live[place].Group, [.. _live.Generated(place, Step)], _live[place].Score, LogprobChain.ToArray(_live[place].Logprobs));

    private void Restore(SearchState state)
    {
        Step = state.Step;
        foreach (LiveHypothesis hypothesis in state.Live)
        {
            BeamRow row = new(hypothesis.Branch, 0, hypothesis.Score, _stops.Replay(hypothesis.Ids), LogprobChain.Of(hypothesis.Logprobs));
            _live.Add(hypothesis.Ids.AsSpan(), -1, row);
        }
        foreach (FinishedHypothesis hypothesis in state.Finished)
        {
            _groups[hypothesis.Branch].Finished.TryAdd(
                hypothesis.Ids.AsSpan(), -1, hypothesis.Score ?? 0, hypothesis.Reason.ToSearchEndReason(),
                LogprobChain.Of(hypothesis.Logprobs));
        }
        foreach (BeamGroup group in _groups) group.IsDone = state.Live.All(hypothesis => hypothesis.Branch != group.Number);
    }
}
