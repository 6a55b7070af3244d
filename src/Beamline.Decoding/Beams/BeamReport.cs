using Beamline.Abstractions.Searches;
using Beamline.Decoding.Logprobs;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Search;

namespace Beamline.Decoding.Beams;

/// <summary>Collects what a step of a beam search finished until the live hypotheses, which come first, are known.</summary>
/// <param name="beams">Beams of all groups.</param>
/// <param name="logprobs">Reports log-probabilities; null when nobody asked.</param>
internal sealed class BeamReport(int beams, LogprobReporter? logprobs)
{
    // A group may finish as many as it has beams twice in its last step: ended ones, and those that run at the limit.
    private readonly List<(SearchEvent Change, TokenLogprobs? Logprobs)> _finished = new(2 * beams);

    /// <summary>The log-probabilities of a hypothesis and the token that a candidate appends; null when nobody asked.</summary>
    public LogprobChain? Append(LogprobChain? before, RankedToken candidate) =>
        logprobs is null ? null : LogprobChain.Append(before, logprobs.Report(candidate.Row, candidate.Token));

    /// <summary>Adds a finished hypothesis.</summary>
    public void Add(in SearchEvent change, TokenLogprobs? token) => _finished.Add((change, token));

    /// <summary>Writes the step: the live hypotheses, then what was collected, which is forgotten.</summary>
    public void WriteTo(SearchStep step, BeamRows live, int generated)
    {
        for (int place = 0; place < live.Count; place++)
        {
            ref readonly BeamRow row = ref live[place];
            int token = live.Generated(place, generated)[^1];
            SearchEvent change = new(SearchEventKind.Live, SearchEndReason.None, generated, row.Group, row.Parent, token, row.Score);
            Write(step, change, row.Logprobs?.Last);
        }
        foreach ((SearchEvent change, TokenLogprobs? token) in _finished) Write(step, change, token);
        _finished.Clear();
    }

    private void Write(SearchStep step, in SearchEvent change, TokenLogprobs? token)
    {
        if (logprobs is null) step.Add(change);
        else step.Add(change, token ?? LogprobReporter.NoToken);
    }
}
