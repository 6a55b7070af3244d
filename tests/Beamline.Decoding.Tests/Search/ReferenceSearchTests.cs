using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Tests.Support;
using Beamline.Testing;

namespace Beamline.Decoding.Tests.Search;

/// <summary>Whole greedy and beam searches against the reference's own, over small table models.</summary>
public sealed class ReferenceSearchTests
{
    private static readonly Dictionary<string, JsonElement> Tables = ReadTables("tables.json");
    private static readonly Dictionary<string, JsonElement> DiverseTables = ReadTables("diverse_tables.json");

    [Fact]
    public void Markov_EveryCase_GivesTheReferencesSequencesAndScores() =>
        ForEach("markov.jsonl", golden => Compare(golden, Run(golden, Tables), sequencesToCompare: null));

    [Fact]
    public void Markov_EveryCase_ReportsTheReferencesLogprobOfEachToken() => ForEach("markov.jsonl", golden =>
    {
        ImmutableArray<FinishedHypothesis> found = Run(golden, Tables, values => values with { Logprobs = 0 });
        JsonElement expected = golden.GetProperty("token_scores");
        for (int i = 0; i < found.Length; i++)
        {
            float[] scores = expected[i].Floats();
            found[i].Logprobs.Select(token => token.Id).ShouldBe(found[i].Ids);
            for (int position = 0; position < scores.Length; position++)
            {
                GoldenCase.ShouldBeClose(found[i].Logprobs[position].Processed, scores[position], $"sequence {i} token {position}");
            }
        }
    });

    [Fact]
    public void Ties_EveryCase_GoToTheLowerIndexOfTheFlatRow() => ForEach("markov_ties.jsonl", golden =>
        Run(golden, Tables).Select(hypothesis => Text(hypothesis.Ids)).ShouldBe(
            golden.GetProperty("lowest_index_first").EnumerateArray().Select(ids => Text(ids.Ids()))));

    [Fact]
    public void Edge_EveryCase_GivesTheRealHypotheses() =>
        ForEach("markov_edge.jsonl", golden => Compare(golden, Run(golden, Tables), golden.GetProperty("real").GetInt32()));

    [Fact]
    public void Diverse_EveryCase_GivesTheReferencesSequencesScoresAndGroups() => ForEach("diverse.jsonl", golden =>
    {
        ImmutableArray<FinishedHypothesis> found = Run(golden, DiverseTables);
        Compare(golden, found, sequencesToCompare: null);
        found.Select(hypothesis => hypothesis.Branch).ShouldBe(golden.GetProperty("groups").Ids());
    });

    [Fact]
    public void BeamSteps_EveryCase_GiveTheReferencesTrace() => ForEach("beam_steps.jsonl", golden =>
    {
        JsonElement[] steps = [.. golden.GetProperty("steps").EnumerateArray()];
        int taken = 0;
        ImmutableArray<FinishedHypothesis> found = Run(golden, Tables,
            seen: (search, step) => BeamStepTrace.Compare(steps[taken++], search.Save(), step));
        taken.ShouldBe(steps.Length);
        Compare(golden, found, sequencesToCompare: null);
    });

    private static Dictionary<string, JsonElement> ReadTables(string file) =>
        JsonDocument.Parse(File.ReadAllText(ReferenceData.Golden.PathOf(file))).RootElement.EnumerateObject().ToDictionary(
            table => table.Name, table => table.Value);

    /// <summary>Puts every case to a test and reports all that fail.</summary>
    private static void ForEach(string file, Action<JsonElement> test)
    {
        List<string> failures = [];
        int cases = 0;
        foreach (JsonElement golden in ReferenceData.Golden.Cases(file))
        {
            cases++;
            if (Record.Exception(() => test(golden)) is { } failure) failures.Add($"{golden.Name()}: {failure.Message}");
        }
        failures.ShouldBeEmpty();
        cases.ShouldBeGreaterThan(0);
    }

    private static ImmutableArray<FinishedHypothesis> Run(
        JsonElement golden,
        Dictionary<string, JsonElement> tables,
        Func<GenerationParameters, GenerationParameters>? change = null,
        Action<ISearch, SearchStep>? seen = null)
    {
        ImmutableArray<int> prompt = golden.GetProperty("prompt").Ids();
        TableModel model = TableModel.Of(tables[golden.GetProperty("table").GetString()!]);
        return Runs.Run(model, Runs.Ticket(golden.Checked(prompt.Length, change), prompt), seen: seen);
    }

    private static void Compare(JsonElement golden, ImmutableArray<FinishedHypothesis> found, int? sequencesToCompare)
    {
        JsonElement[] sequences = [.. golden.GetProperty("sequences").EnumerateArray()];
        if (sequencesToCompare is null) found.Length.ShouldBe(sequences.Length);
        JsonElement scores = golden.GetProperty("scores");
        for (int i = 0; i < (sequencesToCompare ?? sequences.Length); i++)
        {
            found[i].Ids.ShouldBe(sequences[i].Ids());
            found[i].Reason.Value.ShouldBe(golden.GetProperty("finish")[i].GetString());
            if (scores.ValueKind == JsonValueKind.Null) found[i].Score.ShouldBeNull();
            else GoldenCase.ShouldBeClose(found[i].Score!.Value, scores[i].Float(), $"score {i}");
        }
    }

    private static string Text(ImmutableArray<int> ids) => string.Join(",", ids);
}
