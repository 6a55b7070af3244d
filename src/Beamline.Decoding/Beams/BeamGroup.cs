using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Logprobs;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Beams;

/// <summary>
/// One group of beams: decides which candidates end and which go on, and when the group is done. Without groups there is one.
/// </summary>
/// <remarks>
/// The reference's search with groups is older than the one without, and they differ in two rules: at the length limit, and in what may
/// still
/// improve the list. Both are kept, each where its users know it from.
/// </remarks>
internal sealed class BeamGroup
{
    private readonly CheckedParameters _parameters;
    private readonly StopRules _stops;
    private readonly BeamScoring _scoring;
    private readonly bool _isOneOfSeveral;

    /// <summary>A group.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="groups">How many there are.</param>
    /// <param name="parameters">Checked parameters.</param>
    /// <param name="stops">When a hypothesis ends.</param>
    public BeamGroup(int number, int groups, CheckedParameters parameters, StopRules stops)
    {
        Number = number;
        Width = parameters.NumBeams / groups;
        Finished = new(number, Width, parameters.MaxNewTokens);
        _isOneOfSeveral = groups > 1;
        _parameters = parameters;
        _stops = stops;
        _scoring = new(parameters);
    }

    /// <summary>The group's number.</summary>
    public int Number { get; }

    /// <summary>Its beams.</summary>
    public int Width { get; }

    /// <summary>Its finished hypotheses.</summary>
    public FinishedBeams Finished { get; }

    /// <summary>Whether it has ended; then its running hypotheses are of no further use.</summary>
    public bool IsDone { get; set; }

    /// <summary>
    /// Takes a step: fills the running and the finished hypotheses from the candidates, and sees whether the group is done.
    /// </summary>
    /// <param name="candidates">The best ways on, best first.</param>
    /// <param name="live">The hypotheses before the step.</param>
    /// <param name="next">Receives those that go on, behind what earlier groups put there.</param>
    /// <param name="step">Generated tokens after the step.</param>
    /// <param name="report">Receives what finished.</param>
    public void Take(ReadOnlySpan<RankedToken> candidates, BeamRows live, BeamRows next, int step, BeamReport report)
    {
        int first = next.Count;
        for (int rank = 0; rank < candidates.Length; rank++)
        {
            // Behind the first rank nothing can finish, and the beams are filled.
            if (rank >= Width && next.Count - first == Width) break;
            RankedToken candidate = candidates[rank];
            ref readonly BeamRow parent = ref live[candidate.Row];
            int textState = _stops.Append(parent.TextState, candidate.Token);
            SearchEndReason reason = _stops.Check(candidate.Token, textState, step);
            bool goesOn = reason == SearchEndReason.None || (reason == SearchEndReason.Length && _isOneOfSeveral);
            // Ended candidates behind the first rank are there to keep the beams filled; they do not finish.
            if (goesOn ? next.Count - first == Width : rank >= Width) continue;
            ReadOnlySpan<int> generated = live.Generated(candidate.Row, step - 1);
            LogprobChain? logprobs = report.Append(parent.Logprobs, candidate);
            if (goesOn) next.Add(generated, candidate.Token, new(Number, candidate.Row, candidate.Score, textState, logprobs));
            else Finish(generated, candidate, reason, logprobs, step, report);
        }
        IsDone = next.Count == first || _scoring.IsDone(Finished, _isOneOfSeveral ? candidates[0].Score : next[first].Score, step);
        if (step == _parameters.MaxNewTokens) FinishRunning(next, first, step, report);
    }

    /// <summary>Ends the group: its running hypotheses compete with the finished ones.</summary>
    /// <param name="live">The running hypotheses of all groups.</param>
    /// <param name="reason">Why.</param>
    /// <param name="step">Generated tokens.</param>
    /// <param name="report">Receives what finished.</param>
    public void Stop(BeamRows live, SearchEndReason reason, int step, BeamReport report)
    {
        for (int place = 0; place < live.Count; place++)
        {
            ref readonly BeamRow row = ref live[place];
            if (row.Group != Number) continue;
            float score = _scoring.Final(row.Score, step);
            if (!Finished.TryAdd(live.Generated(place, step), -1, score, reason, row.Logprobs)) continue;
            report.Add(new(SearchEventKind.Finished, reason, step, Number, place, -1, score), LogprobReporter.NoToken);
        }
        IsDone = true;
    }

    private void Finish(
        ReadOnlySpan<int> generated, RankedToken candidate, SearchEndReason reason, LogprobChain? logprobs, int step, BeamReport report)
    {
        float score = _scoring.Final(candidate.Score, step);
        if (!Finished.TryAdd(generated, candidate.Token, score, reason, logprobs)) return;
        report.Add(new(SearchEventKind.Finished, reason, step, Number, candidate.Row, candidate.Token, score), logprobs?.Last);
    }

    private void FinishRunning(BeamRows next, int first, int step, BeamReport report)
    {
        for (int place = first; place < next.Count && !IsDone; place++)
        {
            ref readonly BeamRow row = ref next[place];
            ReadOnlySpan<int> generated = next.Generated(place, step);
            Finish(generated[..^1], new(row.Parent, generated[^1], row.Score), SearchEndReason.Length, row.Logprobs, step, report);
        }
        IsDone = true;
    }
}
