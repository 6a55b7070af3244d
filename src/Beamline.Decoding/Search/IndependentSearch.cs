using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Logprobs;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Sampling;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Search;

/// <summary>Sequences that grow side by side and know nothing of each other; all begin from the prompt's one row.</summary>
public abstract class IndependentSearch : ISearch
{
    private readonly CheckedParameters _parameters;
    private readonly LogitsProcessorList _processors;
    private readonly ITokenSelector _selector;
    private readonly StopRules _stops;
    private readonly TokenRows _histories;
    private readonly int _firstBranch;
    private readonly int[] _textStates;
    private readonly int[] _tokens;
    private readonly int[] _lengths;
    private readonly SearchEndReason[] _reasons;
    private readonly int[] _live;
    private readonly int[] _ended;
    private readonly LogprobReporter? _logprobs;
    private readonly LogprobChain?[] _chains;
    private int _liveSequences;
    private int _endedSequences;

    private protected IndependentSearch(
        SearchTicket ticket, int sequences, ITokenSelector selector, LogitsProcessorList processors, ITokenBytes tokens)
    {
        _parameters = ticket.Parameters;
        _processors = processors;
        _selector = selector;
        _stops = new(_parameters, tokens);
        _histories = new(sequences, ticket.PromptIds.AsSpan(), _parameters.MaxNewTokens);
        _firstBranch = ticket.FirstBranch;
        _textStates = new int[sequences];
        _tokens = new int[sequences];
        _lengths = new int[sequences];
        _reasons = new SearchEndReason[sequences];
        _live = new int[sequences];
        _ended = new int[sequences];
        _chains = new LogprobChain?[sequences];
        if (_parameters.Values.Logprobs is { } top) _logprobs = new(top, rows: 1, _parameters.VocabularySize);
        if (ticket.Resume is { } state && !state.IsStart()) Restore(state);
        else StartFromPrompt();
    }

    /// <inheritdoc/>
    public int LiveCount => IsDone ? 0 : Step == 0 ? 1 : _liveSequences;

    /// <inheritdoc/>
    public int Step { get; private set; }

    /// <inheritdoc/>
    public bool IsDone => _liveSequences == 0;

    /// <inheritdoc/>
    public ReadOnlySpan<int> GeneratedIds(int live)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)live, (uint)LiveCount);
        return _histories.Generated(_live[live], Step);
    }

    /// <inheritdoc/>
    public void Advance(LogitsRows logits, SearchStep step)
    {
        SearchGuard.CheckRows(this, logits, _parameters.VocabularySize);
        step.Clear();
        // The first step's samples draw from the same row: their histories are the same, so it is processed once.
        if (Step == 0) Process(_histories.History(0, 0), logits[0]);
        for (int place = 0; place < _liveSequences; place++)
        {
            Span<float> row = logits[Step == 0 ? 0 : place];
            if (Step > 0) Process(_histories.History(_live[place], Step), row);
            Choose(_live[place], row);
        }
        Commit(step);
    }

    /// <inheritdoc/>
    public void Stop(SearchEndReason reason, SearchStep step)
    {
        step.Clear();
        for (int place = 0; place < _liveSequences; place++)
        {
            int sequence = _live[place];
            End(sequence, reason, Step);
            _tokens[sequence] = -1;
            Report(step, SearchEventKind.Finished, sequence, Step == 0 ? 0 : place, _logprobs is null ? null : LogprobReporter.NoToken);
        }
        _liveSequences = 0;
    }

    /// <inheritdoc/>
    public SearchState Save()
    {
        var live = ImmutableArray.CreateBuilder<LiveHypothesis>(LiveCount);
        for (int place = 0; place < LiveCount; place++)
        {
            live.Add(new(_firstBranch + _live[place], [.. GeneratedIds(place)], 0, LogprobChain.ToArray(_chains[_live[place]])));
        }
        return new(Step, live.MoveToImmutable(), [.. _ended.Take(_endedSequences).Select(Finished)]);
    }

    /// <inheritdoc/>
    public ImmutableArray<FinishedHypothesis> GetResults()
    {
        SearchGuard.CheckEnded(this);
        return [.. _ended.Take(_endedSequences).Order().Select(Finished)];
    }

    private void StartFromPrompt()
    {
        _liveSequences = _live.Length;
        for (int sequence = 0; sequence < _live.Length; sequence++) _live[sequence] = sequence;
    }

    private void Restore(SearchState state)
    {
        Step = state.Step;
        foreach (LiveHypothesis hypothesis in state.Live)
        {
            int sequence = hypothesis.Branch - _firstBranch;
            _histories.Write(sequence, hypothesis.Ids.AsSpan());
            _textStates[sequence] = _stops.Replay(hypothesis.Ids);
            _chains[sequence] = LogprobChain.Of(hypothesis.Logprobs);
            _live[_liveSequences++] = sequence;
        }
        foreach (FinishedHypothesis hypothesis in state.Finished)
        {
            int sequence = hypothesis.Branch - _firstBranch;
            _histories.Write(sequence, hypothesis.Ids.AsSpan());
            _chains[sequence] = LogprobChain.Of(hypothesis.Logprobs);
            End(sequence, hypothesis.Reason.ToSearchEndReason(), hypothesis.Ids.Length);
        }
    }

    private void Process(ReadOnlySpan<int> history, Span<float> row)
    {
        _logprobs?.NoteRaw(0, row);
        _processors.Process(history, row);
        _logprobs?.NoteProcessed(0, row, normalise: true);
    }

    private void Choose(int sequence, ReadOnlySpan<float> row)
    {
        int token = _selector.Select(row, _firstBranch + sequence, Step);
        _histories.Set(sequence, Step, token);
        _tokens[sequence] = token;
        _textStates[sequence] = _stops.Append(_textStates[sequence], token);
        _reasons[sequence] = _stops.Check(token, _textStates[sequence], Step + 1);
        if (_logprobs is not null) _chains[sequence] = LogprobChain.Append(_chains[sequence], _logprobs.Report(0, token));
    }

    private void Commit(SearchStep step)
    {
        int before = _liveSequences, promptStep = Step;
        Step++;
        for (int place = 0; place < before; place++)
        {
            int sequence = _live[place];
            if (_reasons[sequence] != SearchEndReason.None) continue;
            Report(step, SearchEventKind.Live, sequence, promptStep == 0 ? 0 : place, _chains[sequence]?.Last);
        }
        _liveSequences = 0;
        for (int place = 0; place < before; place++)
        {
            int sequence = _live[place];
            if (_reasons[sequence] == SearchEndReason.None)
            {
                _live[_liveSequences++] = sequence;
                continue;
            }
            End(sequence, _reasons[sequence], Step);
            Report(step, SearchEventKind.Finished, sequence, promptStep == 0 ? 0 : place, _chains[sequence]?.Last);
        }
    }

    private void Report(SearchStep step, SearchEventKind kind, int sequence, int parent, TokenLogprobs? logprobs)
    {
        SearchEvent change = new(kind, _reasons[sequence], Step, _firstBranch + sequence, parent, _tokens[sequence], 0);
        if (logprobs is null) step.Add(change);
        else step.Add(change, logprobs);
    }

    private void End(int sequence, SearchEndReason reason, int length)
    {
        _reasons[sequence] = reason;
        _lengths[sequence] = length;
        _ended[_endedSequences++] = sequence;
    }

    private FinishedHypothesis Finished(int sequence) => new(
        _firstBranch + sequence, [.. _histories.Generated(sequence, _lengths[sequence])], null, _reasons[sequence].ToFinishReason(),
        LogprobChain.ToArray(_chains[sequence]));
}
