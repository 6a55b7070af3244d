using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Grains.Sequences;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>A random run of several prompts: what each sample does is drawn once, its splitting and delivery as often as wanted.</summary>
internal sealed class ScriptedRun
{
    private readonly ImmutableArray<PromptRun> _prompts;
    private readonly ImmutableArray<ImmutableArray<ImmutableArray<int>>> _samples;

    public ScriptedRun(Random random, ImmutableArray<string> stopStrings)
    {
        _prompts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => Tickets.Prompt(i, Values(random, stopStrings)))];
        _samples =
        [
            .. _prompts.Select(prompt => Enumerable.Range(0, prompt.Parameters.NumReturnSequences)
                .Select(_ => Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(1, Tales.VocabularySize)).ToImmutableArray())
                .ToImmutableArray()),
        ];
    }

    public ImmutableArray<SearchTicket> Split(int rows) => Tickets.Plan(rows, _prompts);

    /// <summary>Ids of a sample; in a beam search of a returned hypothesis.</summary>
    public ImmutableArray<ImmutableArray<int>> Samples(int prompt) => _samples[prompt];

    /// <summary>The readings of one search, cut between steps at random.</summary>
    public Queue<SearchReading> Readings(SearchTicket ticket, Random random)
    {
        List<ImmutableArray<SearchEvent>> steps = [.. Steps(ticket)];
        Queue<SearchReading> readings = [];
        long from = 0;
        for (int i = 0; i < steps.Count;)
        {
            int count = random.Next(0, steps.Count - i + 1);
            ImmutableArray<SearchEvent> events = [.. steps.Skip(i).Take(count).SelectMany(step => step)];
            i += count;
            bool isLast = i == steps.Count && random.Next(2) == 0;      // the end may come with the last events or after them
            readings.Enqueue(new(from, events, [], isLast ? Outcome(ticket) : null));
            from += events.Length;
            if (isLast) return readings;
        }
        readings.Enqueue(new(from, [], [], Outcome(ticket)));
        return readings;
    }

    private static GenerationParameters Values(Random random, ImmutableArray<string> stopStrings) => random.Next(3) switch
    {
        0 => new() { MaxNewTokens = 8, StopStrings = stopStrings },
        1 => new() { MaxNewTokens = 8, StopStrings = stopStrings, NumBeams = 4, NumReturnSequences = 2 },
        _ => new() { MaxNewTokens = 8, StopStrings = stopStrings, DoSample = true, NumReturnSequences = random.Next(1, 9) },
    };

    private IEnumerable<ImmutableArray<SearchEvent>> Steps(SearchTicket ticket)
    {
        bool isBeam = ticket.Parameters.Kind == SearchKind.Beam;
        ImmutableArray<ImmutableArray<int>> samples = Samples(ticket.Id.Prompt);
        int first = isBeam ? 0 : ticket.FirstBranch, count = isBeam ? samples.Length : ticket.Rows;
        ImmutableArray<int> branches = [.. Enumerable.Range(first, count)];
        SearchEvent Event(SearchEventKind kind, SearchEndReason reason, int step, int branch) =>
            new(kind, reason, step, isBeam ? 0 : branch, 0, samples[branch][step - 1], 0);
        for (int step = 1; branches.Any(branch => samples[branch].Length >= step); step++)
        {
            IEnumerable<SearchEvent> live = branches.Where(branch => samples[branch].Length > step)
                .Select(branch => Event(SearchEventKind.Live, SearchEndReason.None, step, branch));
            IEnumerable<SearchEvent> ended = branches.Where(branch => samples[branch].Length == step)
                .Select(branch => Event(SearchEventKind.Finished, SearchEndReason.Length, step, branch));
            yield return [.. live, .. ended];
        }
    }

    private SearchOutcome Outcome(SearchTicket ticket)
    {
        bool isBeam = ticket.Parameters.Kind == SearchKind.Beam;
        ImmutableArray<ImmutableArray<int>> all = Samples(ticket.Id.Prompt);
        IEnumerable<ImmutableArray<int>> own = isBeam ? all : all.Skip(ticket.FirstBranch).Take(ticket.Rows);
        return new(
            [.. own.Select((ids, i) => new FinishedHypothesis(ticket.FirstBranch + i, ids, null, FinishReason.Length, []))],
            null, Retryable: false, PrefilledTokens: 1, CachedTokens: 2);
    }
}
