using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Decoding.Search;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Sequences;

/// <summary>
/// Merges the events of a request's searches into one numbered list of updates: step by step, within a step prompt by prompt, within a
/// prompt
/// sample by sample. The order depends neither on which worker answers first nor on how samples are split into parts, so the list is the
/// same
/// each time the run is computed.
/// </summary>
internal sealed class UpdateMerger
{
    private readonly Feed[] _feeds;
    private readonly Feed[][] _prompts;
    private readonly List<(SearchEvent Change, TokenLogprobs? Logprobs, Feed Feed)> _step = [];
    private readonly ITokenizer _tokenizer;
    private readonly List<GenerationUpdate> _updates = [];
    private int _turn;

    public UpdateMerger(ImmutableArray<SearchTicket> tickets, ITokenizer tokenizer)
    {
        _feeds = [.. tickets.Select(ticket => new Feed(ticket))];
        _prompts = [.. _feeds.GroupBy(feed => feed.Ticket.Id.Prompt).Select(parts => parts.ToArray())];
        _tokenizer = tokenizer;
    }

    /// <summary>All updates so far but the last one.</summary>
    public List<GenerationUpdate> Updates => _updates;

    /// <summary>Tokens appended so far; a step of a beam search counts as one.</summary>
    public int GeneratedTokens { get; private set; }

    /// <summary>Whether every search has completed and all their events are merged.</summary>
    public bool IsComplete => Array.TrueForAll(_feeds, feed => feed is { Outcome.Error: null, Events.Count: 0 });

    /// <summary>Why a search failed; null while none has.</summary>
    public BeamlineError? Error => Array.Find(_feeds, feed => feed.Outcome?.Error is not null)?.Outcome!.Error;

    /// <summary>Takes what a search put out and turns into updates what is next in the order.</summary>
    public void Append(int search, SearchReading reading)
    {
        Feed feed = _feeds[search];
        for (int i = 0; i < reading.Events.Length; i++)
        {
            feed.Events.Enqueue((reading.Events[i], reading.Logprobs.Length > 0 ? reading.Logprobs[i] : null));
        }
        feed.Outcome = reading.Outcome;
        while (TakeTurn())
        {
            _turn = (_turn + 1) % _prompts.Length;
        }
    }

    /// <summary>The result of a complete run.</summary>
    public GenerationResult ToResult(RequestId id, string model, ImmutableArray<string> warnings)
    {
        ImmutableArray<Hypothesis>.Builder hypotheses = ImmutableArray.CreateBuilder<Hypothesis>();
        int promptTokens = 0, generatedTokens = 0, cachedTokens = 0, index = 0;
        foreach (Feed feed in _feeds)
        {
            if (feed.Ticket.Id.Part == 0)
            {
                index = 0;
                promptTokens += feed.Ticket.PromptIds.Length;
                cachedTokens += feed.Outcome!.CachedTokens;     // the prompt counts once, however many parts computed it
            }
            foreach (FinishedHypothesis found in feed.Outcome!.Hypotheses)
            {
                generatedTokens += found.Ids.Length;
                hypotheses.Add(
                    new(feed.Ticket.Id.Prompt, index++, TextOf(found, feed.Ticket), found.Ids, found.Score, found.Reason, found.Logprobs));
            }
        }
        return new(id, model, hypotheses.ToImmutable(), new(promptTokens, generatedTokens, cachedTokens), warnings,
            _feeds[0].Ticket.Parameters.Seed);
    }

    /// <summary>Lets the prompt whose turn it is put out one step.</summary>
    /// <returns>False when it has to be waited for, or when nobody has anything left.</returns>
    private bool TakeTurn()
    {
        Feed[] parts = _prompts[_turn];
        int step = int.MaxValue;
        foreach (Feed part in parts)
        {
            if (part.Events.Count > 0) step = int.Min(step, part.NextStep);
            else if (part.Outcome is null) return false;        // it may still have something for this step
        }
        if (step == int.MaxValue) return Array.Exists(_feeds, other => other.Events.Count > 0);
        if (parts[0].Ticket.Parameters.Kind == SearchKind.Beam) EmitBeams(parts[0], step);
        else EmitTokens(parts, step);
        return true;
    }

    private void EmitTokens(Feed[] parts, int step)
    {
        _step.Clear();
        foreach (Feed part in parts)
        {
            foreach ((SearchEvent change, TokenLogprobs? logprobs) in part.Take(step)) _step.Add((change, logprobs, part));
        }
        // An end by a deadline comes without a token and behind the step, as it does when it is read on its own.
        _step.Sort((one, other) => (one.Change.Token < 0, one.Change.Branch).CompareTo((other.Change.Token < 0, other.Change.Branch)));
        foreach ((SearchEvent change, TokenLogprobs? logprobs, Feed feed) in _step)
        {
            if (!feed.Texts.TryGetValue(change.Branch, out BranchText? text))
            {
                feed.Texts[change.Branch] = text = new BranchText(_tokenizer, feed.StopStrings);
            }
            if (change.Token >= 0)
            {
                string delta = text.Append(change.Token);
                _updates.Add(new TokenAppended(_updates.Count, feed.Ticket.Id.Prompt, change.Branch, change.Token, delta, logprobs));
                GeneratedTokens++;
            }
            if (change.Kind == SearchEventKind.Finished)
            {
                _updates.Add(new BranchFinished(
                    _updates.Count, feed.Ticket.Id.Prompt, change.Branch, change.Reason.ToFinishReason(), text.Finish()));
            }
        }
    }

    private void EmitBeams(Feed feed, int step)
    {
        ImmutableArray<BeamChange>.Builder live = ImmutableArray.CreateBuilder<BeamChange>();
        ImmutableArray<BeamChange>.Builder finished = ImmutableArray.CreateBuilder<BeamChange>();
        foreach ((SearchEvent change, _) in feed.Take(step))
        {
            string text = change.Token >= 0 ? _tokenizer.Decode([change.Token]) : "";
            (change.Kind == SearchEventKind.Live ? live : finished)
                .Add(new(change.Parent, change.Token, text, change.Score, change.Branch));
        }
        _updates.Add(new BeamsChanged(_updates.Count, feed.Ticket.Id.Prompt, step, live.ToImmutable(), finished.ToImmutable()));
        GeneratedTokens++;
    }

    private string TextOf(FinishedHypothesis found, SearchTicket ticket)
    {
        ImmutableArray<string> stopStrings = ticket.Parameters.Values.StopStrings ?? [];
        if (stopStrings.IsEmpty) return _tokenizer.Decode(found.Ids.AsSpan());
        BranchText text = new(_tokenizer, stopStrings);
        return string.Concat(found.Ids.Select(text.Append).ToArray()) + text.Finish();
    }

    /// <summary>What came from one search and is not merged yet.</summary>
    private sealed class Feed(SearchTicket ticket)
    {
        public SearchTicket Ticket { get; } = ticket;

        public ImmutableArray<string> StopStrings { get; } = ticket.Parameters.Values.StopStrings ?? [];

        public Queue<(SearchEvent Change, TokenLogprobs? Logprobs)> Events { get; } = new();

        public Dictionary<int, BranchText> Texts { get; } = [];

        public SearchOutcome? Outcome { get; set; }

        public int NextStep => Events.Peek().Change.Step;

        /// <summary>Takes the events of a step; a reading holds whole steps only.</summary>
        public IEnumerable<(SearchEvent Change, TokenLogprobs? Logprobs)> Take(int step)
        {
            while (Events.Count > 0 && Events.Peek().Change.Step == step) yield return Events.Dequeue();
        }
    }
}
