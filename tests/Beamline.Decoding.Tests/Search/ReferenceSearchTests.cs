using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Tests.Support;
using Beamline.Testing;

namespace Beamline.Decoding.Tests.Search;

/// <summary>Whole greedy and beam searches against the reference's own, over small table models.</summary>
public sealed class ReferenceSearchTests
{
    private static readonly Dictionary<string, JsonElement> Tables =
        JsonDocument.Parse(File.ReadAllText(ReferenceData.Golden.PathOf("tables.json"))).RootElement.EnumerateObject().ToDictionary(
            table => table.Name, table => table.Value);

    [Fact]
    public void Markov_EveryCase_GivesTheReferencesSequencesAndScores()
    {
        int run = 0;
        foreach (JsonElement golden in ReferenceData.Golden.Cases("markov.jsonl"))
        {
            Compare(golden, Run(golden));
            run++;
        }
        run.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Ties_EveryCase_GoToTheLowerIndexOfTheFlatRow()
    {
        foreach (JsonElement golden in ReferenceData.Golden.Cases("markov_ties.jsonl"))
        {
            Run(golden).Select(hypothesis => hypothesis.Ids.AsEnumerable())
                .ShouldBe(golden.GetProperty("lowest_index_first").EnumerateArray().Select(ids => ids.Ids().AsEnumerable()), golden.Name());
        }
    }

    private static ImmutableArray<FinishedHypothesis> Run(JsonElement golden)
    {
        ImmutableArray<int> prompt = golden.GetProperty("prompt").Ids();
        TableModel model = TableModel.Of(Tables[golden.GetProperty("table").GetString()!]);
        return Runs.Run(model, Runs.Ticket(golden.Checked(prompt.Length), prompt));
    }

    private static void Compare(JsonElement golden, ImmutableArray<FinishedHypothesis> found)
    {
        JsonElement[] sequences = [.. golden.GetProperty("sequences").EnumerateArray()];
        found.Length.ShouldBe(sequences.Length, golden.Name());
        JsonElement scores = golden.GetProperty("scores");
        for (int i = 0; i < found.Length; i++)
        {
            found[i].Ids.ShouldBe(sequences[i].Ids(), golden.Name());
            found[i].Reason.Value.ShouldBe(golden.GetProperty("finish")[i].GetString(), golden.Name());
            if (scores.ValueKind == JsonValueKind.Null) found[i].Score.ShouldBeNull();
            else GoldenCase.ShouldBeClose(found[i].Score!.Value, scores[i].Float(), $"{golden.Name()} score {i}");
        }
    }
}
