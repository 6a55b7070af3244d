using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Beams;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Search;

public sealed class SearchPropertyTests
{
    private static readonly ImmutableArray<int> Prompt = [1, 2];

    [Fact]
    public void BeamSearch_OfWidthOne_IsGreedy() => Gen.Int[-500, 500].Select(hundredths => hundredths / 100f).Array[6].Array[6].Sample(
        rows =>
        {
            TableModel model = TableModel.OfRows(rows);
            CheckedParameters parameters = Check(new() { MaxNewTokens = 5, EosTokenId = [3], EarlyStopping = EarlyStopping.True }, 6);
            SearchTicket ticket = Runs.Ticket(parameters, Prompt);
            BeamSearch beam = new(ticket, LogitsProcessorList.Create(parameters, new(6)), NoTokenBytes.Instance);
            Runs.Finish(model, ticket, beam)[0].Ids.ShouldBe(Runs.Run(model, ticket)[0].Ids);
        },
        iter: 2_000);

    [Fact]
    public void BeamSearch_AsWideAsAllSequences_FindsTheLikeliest() => Gen.Float[-5, 5].Array[3].Array[3].Sample(
        rows =>
        {
            const int Depth = 3;
            TableModel model = TableModel.OfRows(rows);
            CheckedParameters parameters = Check(new() { MaxNewTokens = Depth, NumBeams = 27 }, 3);
            FinishedHypothesis found = Runs.Run(model, Runs.Ticket(parameters, Prompt))[0];

            double best = AllSequences(3, Depth).Max(ids => LogLikelihood(rows, ids));
            LogLikelihood(rows, [.. found.Ids]).ShouldBe(best, 1e-4);
            (found.Score!.Value * Depth).ShouldBe((float)best, 1e-3f);
        },
        iter: 2_000);

    [Fact]
    public void Search_SameSeed_GivesTheSame_OtherSeedsDiffer() => Gen.Select(Gen.Float[-1, 1].Array[8].Array[8], Gen.Long).Sample(
        (rows, seed) =>
        {
            TableModel model = TableModel.OfRows(rows);
            foreach (int beams in (int[])[1, 3])
            {
                GenerationParameters values = new() { DoSample = true, TopK = 0, NumBeams = beams, MaxNewTokens = 24, Seed = seed };
                string first = Ids(model, values), second = Ids(model, values);
                second.ShouldBe(first);
                Enumerable.Range(1, 5).Any(other => Ids(model, values with { Seed = seed ^ other }) != first).ShouldBeTrue();
            }
        },
        iter: 300);

    [Fact]
    public void Search_EveryStep_TellsWhatItsStateSays() => Gen.Select(Gen.Float[-3, 3].Array[6].Array[6], Gen.Int[0, 3]).Sample(
        (rows, kind) =>
        {
            TableModel model = TableModel.OfRows(rows);
            SearchTicket ticket = Runs.Ticket(Check(Kinds[kind], 6), Prompt);
            Runs.Run(model, ticket, seen: (search, step) =>
            {
                SearchState state = search.Save();
                step.LiveCount.ShouldBe(search.LiveCount);
                step.Live.ToArray().Select(live => (live.Branch, live.Token, live.Score)).ShouldBe(
                    state.Live.Select(live => (live.Branch, live.Ids[^1], live.Score)));
                for (int place = 0; place < search.LiveCount; place++) search.GeneratedIds(place).ToArray().ShouldBe(state.Live[place].Ids);
            });
        },
        iter: 1_000);

    private static GenerationParameters[] Kinds =>
    [
        new() { MaxNewTokens = 6, EosTokenId = [3] },
        new() { MaxNewTokens = 6, EosTokenId = [3], DoSample = true, NumReturnSequences = 4, TopK = 0, Seed = 4 },
        new() { MaxNewTokens = 6, EosTokenId = [3], NumBeams = 3 },
        new() { MaxNewTokens = 6, EosTokenId = [3, 4], NumBeams = 4, NumBeamGroups = 2, DiversityPenalty = 1, NumReturnSequences = 4 },
    ];

    private static CheckedParameters Check(GenerationParameters values, int vocabularySize) =>
        ParameterValidator.Check(values, new(vocabularySize, 50, [], Prompt.Length, 0)).OrThrow();

    private static string Ids(TableModel model, GenerationParameters values) => string.Join(
        ";",
        Runs.Run(model, Runs.Ticket(Check(values, model.VocabularySize), Prompt)).Select(hypothesis => string.Join(",", hypothesis.Ids)));

    private static IEnumerable<int[]> AllSequences(int vocabularySize, int depth) => depth == 0
        ? [[]]
        : AllSequences(vocabularySize, depth - 1).SelectMany(ids => Enumerable.Range(0, vocabularySize).Select(id => (int[])[.. ids, id]));

    private static double LogLikelihood(float[][] rows, int[] ids)
    {
        double sum = 0;
        int last = Prompt[^1];
        foreach (int id in ids)
        {
            sum += rows[last][id] - Math.Log(rows[last].Sum(logit => Math.Exp(logit)));
            last = id;
        }
        return sum;
    }
}
