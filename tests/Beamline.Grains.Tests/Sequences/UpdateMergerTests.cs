using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Sequences;
using Beamline.Grains.Tests.Doubles;
using CsCheck;

namespace Beamline.Grains.Tests.Sequences;

public sealed class UpdateMergerTests
{
    private static readonly GenerationParameters Greedy = new() { MaxNewTokens = 4 };

    [Fact]
    public void Updates_AreTheSame_HoweverReadingsInterleaveAndSamplesAreSplit() => Gen.Int.Sample(seed =>
    {
        Random random = new(seed);
        ScriptedRun run = new(random, stopStrings: []);
        UpdateMerger whole = Merge(run, rows: 64, random), split = Merge(run, rows: random.Next(4, 8), random);

        split.Updates.Select(Describe).ShouldBe(whole.Updates.Select(Describe));
        whole.Updates.Select(Describe).ShouldBe(Expected(run));
        whole.Updates.Select(update => update.Position).ShouldBe(Enumerable.Range(0, whole.Updates.Count).Select(i => (long)i));
        Result(split).Hypotheses.Select(Describe).ShouldBe(Result(whole).Hypotheses.Select(Describe));
        Result(split).Usage.ShouldBe(Result(whole).Usage);
        split.GeneratedTokens.ShouldBe(whole.GeneratedTokens);
    }, iter: 300);

    [Fact]
    public void TextOfTheUpdates_IsThatOfTheResult() => Gen.Int.Sample(seed =>
    {
        Random random = new(seed);
        UpdateMerger merger = Merge(new(random, stopStrings: ["e", " the", "ing"]), rows: 5, random);
        foreach (Hypothesis found in Result(merger).Hypotheses)
        {
            string whole = Tales.Tokenizer.Decode(found.Ids.AsSpan());
            whole.ShouldStartWith(found.Text);
            if (merger.Updates.OfType<BeamsChanged>().Any(update => update.Prompt == found.Prompt)) continue;
            string streamed = string.Concat(merger.Updates.Select(update => update switch
            {
                TokenAppended token when (token.Prompt, token.Branch) == (found.Prompt, found.Index) => token.Text,
                BranchFinished end when (end.Prompt, end.Branch) == (found.Prompt, found.Index) => end.Text,
                _ => "",
            }));
            streamed.ShouldBe(found.Text);
        }
    }, iter: 300);

    [Fact]
    public void ResultText_EndsBeforeTheStopString()
    {
        ImmutableArray<int> ids = [.. Tales.Tokenizer.Encode("one two three")];
        UpdateMerger merger = new(Tickets.Plan(4, Tickets.Prompt(0, new() { MaxNewTokens = 9, StopStrings = ["two"] })), Tales.Tokenizer);
        merger.Append(0, new(0, [], [], Outcome(ids)));
        Result(merger).Hypotheses.ShouldHaveSingleItem().Text.ShouldBe("one ");
    }

    [Fact]
    public void Samples_OfOneStep_ComeInOrderOfTheirNumbers_TheEndedOnesAmongThem()
    {
        GenerationParameters values = new() { MaxNewTokens = 4, DoSample = true, NumReturnSequences = 3 };
        UpdateMerger merger = new(Tickets.Plan(4, Tickets.Prompt(0, values)), Tales.Tokenizer);
        merger.Append(0, new(0, [Live(1, 1), Live(1, 2), Ended(1, 0)], [], null));
        merger.Updates.Select(Describe).ShouldBe(["0/0 +9", "0/0 length", "0/1 +9", "0/2 +9"]);
    }

    [Fact]
    public void EndByADeadline_ComesBehindTheStep_InOneReadingAsInTwo()
    {
        GenerationParameters values = new() { MaxNewTokens = 4, DoSample = true, NumReturnSequences = 2 };
        SearchEvent[] stops = [.. Enumerable.Range(0, 2).Select(i => Ended(1, i) with { Token = -1, Reason = SearchEndReason.Deadline })];
        ImmutableArray<SearchTicket> tickets = Tickets.Plan(4, Tickets.Prompt(0, values));
        UpdateMerger one = new(tickets, Tales.Tokenizer), two = new(tickets, Tales.Tokenizer);
        one.Append(0, new(0, [Live(1, 0), Live(1, 1), .. stops], [], null));
        two.Append(0, new(0, [Live(1, 0), Live(1, 1)], [], null));
        two.Append(0, new(2, [.. stops], [], null));
        one.Updates.Select(Describe).ShouldBe(["0/0 +9", "0/1 +9", "0/0 deadline", "0/1 deadline"]);
        two.Updates.Select(Describe).ShouldBe(one.Updates.Select(Describe));
    }

    [Fact]
    public void PromptThatIsAhead_WaitsForTheOthers()
    {
        UpdateMerger merger = new(Tickets.Plan(4, Tickets.Prompt(0, Greedy), Tickets.Prompt(1, Greedy)), Tales.Tokenizer);
        merger.Append(1, new(0, [Live(1, 0), Live(2, 0)], [], null));
        merger.Updates.ShouldBeEmpty();
        merger.Append(0, new(0, [Live(1, 0)], [], null));
        merger.Updates.Select(Describe).ShouldBe(["0/0 +9", "1/0 +9"]);
        merger.Append(0, new(1, [], [], Outcome([9])));
        merger.Updates.Select(Describe).ShouldBe(["0/0 +9", "1/0 +9", "1/0 +9"]);
    }

    [Fact]
    public void Logprobs_GoWithTheirToken()
    {
        UpdateMerger merger = new(Tickets.Plan(4, Tickets.Prompt(0, Greedy with { Logprobs = 0 })), Tales.Tokenizer);
        TokenLogprobs logprobs = new(9, -1, -2, [], []);
        merger.Append(0, new(0, [Live(1, 0)], [logprobs], null));
        merger.Updates.ShouldHaveSingleItem().ShouldBeOfType<TokenAppended>().Logprobs.ShouldBe(logprobs);
    }

    [Fact]
    public void BeamStep_IsOneUpdate_WithLiveAndFinishedApart()
    {
        UpdateMerger merger = new(Tickets.Plan(4, Tickets.Prompt(0, Greedy with { NumBeams = 2 })), Tales.Tokenizer);
        SearchEvent best = Live(1, 0) with { Score = -1 };
        SearchEvent second = Live(1, 0) with { Parent = 1, Score = -2 };
        SearchEvent ended = Ended(1, 0) with { Score = -3 };
        merger.Append(0, new(0, [best, second, ended], [], null));
        BeamsChanged update = merger.Updates.ShouldHaveSingleItem().ShouldBeOfType<BeamsChanged>();
        update.Step.ShouldBe(1);
        update.Live.Select(beam => (beam.Parent, beam.Score)).ShouldBe([(0, -1f), (1, -2f)]);
        update.Finished.Select(beam => (beam.Token, beam.Score)).ShouldBe([(9, -3f)]);
        update.Live[0].Text.ShouldBe(Tales.Tokenizer.Decode([9]));
    }

    [Fact]
    public void Failure_IsThatOfTheSearch_AndTheRunIsNeverComplete()
    {
        UpdateMerger merger = new(Tickets.Plan(4, Tickets.Prompt(0, Greedy), Tickets.Prompt(1, Greedy)), Tales.Tokenizer);
        merger.Append(0, new(0, [], [], Outcome([9])));
        merger.Error.ShouldBeNull();
        merger.IsComplete.ShouldBeFalse();
        BeamlineError error = BeamlineError.Of(BeamlineErrorCode.WorkerLost, "lost");
        merger.Append(1, new(0, [], [], new([], error, Retryable: false, 0, 0)));
        merger.Error.ShouldBe(error);
        merger.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public void Usage_CountsEachPromptOnce_AndEveryReturnedToken()
    {
        GenerationParameters values = new() { MaxNewTokens = 4, DoSample = true, NumReturnSequences = 4, Seed = 3 };
        PromptRun first = Tickets.Prompt(0, values, length: 5), second = Tickets.Prompt(1, values, length: 7);
        UpdateMerger merger = new(Tickets.Plan(2, first, second), Tales.Tokenizer);
        for (int i = 0; i < 4; i++) merger.Append(i, new(0, [], [], Outcome([9, 9, 0], [9])));
        merger.IsComplete.ShouldBeTrue();
        GenerationResult result = Result(merger);
        result.Usage.ShouldBe(new Usage(PromptTokens: 12, GeneratedTokens: 16, CachedTokens: 4));
        result.Hypotheses.Select(found => $"{found.Prompt}/{found.Index}")
            .ShouldBe(["0/0", "0/1", "0/2", "0/3", "1/0", "1/1", "1/2", "1/3"]);
        result.Seed.ShouldBe(3ul);
    }

    private static UpdateMerger Merge(ScriptedRun run, int rows, Random random)
    {
        ImmutableArray<SearchTicket> tickets = run.Split(rows);
        UpdateMerger merger = new(tickets, Tales.Tokenizer);
        List<(int Search, Queue<SearchReading> Readings)> open = [.. tickets.Select((ticket, i) => (i, run.Readings(ticket, random)))];
        while (open.Count > 0)
        {
            merger.IsComplete.ShouldBeFalse();
            int chosen = random.Next(open.Count);
            merger.Append(open[chosen].Search, open[chosen].Readings.Dequeue());
            if (open[chosen].Readings.Count == 0) open.RemoveAt(chosen);
        }
        merger.IsComplete.ShouldBeTrue();
        return merger;
    }

    /// <summary>The order in words of its own: step by step, prompt by prompt, sample by sample.</summary>
    private static IEnumerable<string> Expected(ScriptedRun run)
    {
        ImmutableArray<SearchTicket> tickets = run.Split(64);
        for (int step = 1; step <= 8; step++)
        {
            foreach (SearchTicket ticket in tickets)
            {
                ImmutableArray<ImmutableArray<int>> samples = run.Samples(ticket.Id.Prompt);
                if (ticket.Parameters.Kind == SearchKind.Beam)
                {
                    if (samples.Any(ids => ids.Length >= step)) yield return $"{ticket.Id.Prompt} beams {step}";
                    continue;
                }
                for (int branch = 0; branch < samples.Length; branch++)
                {
                    if (samples[branch].Length >= step) yield return $"{ticket.Id.Prompt}/{branch} +{samples[branch][step - 1]}";
                    if (samples[branch].Length == step) yield return $"{ticket.Id.Prompt}/{branch} length";
                }
            }
        }
    }

    private static string Describe(GenerationUpdate update) => update switch
    {
        TokenAppended token => $"{token.Prompt}/{token.Branch} +{token.Id}",
        BranchFinished end => $"{end.Prompt}/{end.Branch} {end.Reason}",
        BeamsChanged beams => $"{beams.Prompt} beams {beams.Step}",
        _ => update.ToString(),
    };

    private static string Describe(Hypothesis found) =>
        $"{found.Prompt}/{found.Index} {string.Join(' ', found.Ids)} '{found.Text}' {found.Reason}";

    private static GenerationResult Result(UpdateMerger merger) => merger.ToResult(Tickets.Request, "tales", []);

    private static SearchEvent Live(int step, int branch) => new(SearchEventKind.Live, SearchEndReason.None, step, branch, 0, 9, 0);

    private static SearchEvent Ended(int step, int branch) => new(SearchEventKind.Finished, SearchEndReason.Length, step, branch, 0, 9, 0);

    private static SearchOutcome Outcome(params IEnumerable<ImmutableArray<int>> sequences) => new(
        [.. sequences.Select((ids, i) => new FinishedHypothesis(i, ids, null, FinishReason.Length, []))],
        null, Retryable: false, PrefilledTokens: 3, CachedTokens: 2);
}
