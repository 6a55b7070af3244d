using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Search;

public sealed class SaveAndRestoreTests
{
    public static TheoryData<GenerationParameters> Kinds =>
    [
        new GenerationParameters { MaxNewTokens = 6, EosTokenId = [3] },
        new GenerationParameters { MaxNewTokens = 6, EosTokenId = [3], DoSample = true, NumReturnSequences = 4, TopK = 0 },
        new GenerationParameters { MaxNewTokens = 6, EosTokenId = [3], NumBeams = 3, NumReturnSequences = 3 },
    ];

    [Theory, MemberData(nameof(Kinds))]
    public void Search_RestoredAfterAnyStep_GivesTheSameResult(GenerationParameters values)
    {
        Gen.Select(Gen.Float[-3, 3].Array[7].Array[7], Gen.Long, Gen.Int[0, 6]).Sample(
            (rows, seed, stopAt) =>
            {
                TableModel model = TableModel.OfRows(rows);
                CheckedParameters parameters = ParameterValidator.Check(values with { Seed = seed }, new(7, 20, [], 2, 0)).OrThrow();
                ImmutableArray<int> prompt = [1, 2];
                SearchTicket ticket = Runs.Ticket(parameters, prompt);
                string expected = Describe(Runs.Run(model, ticket));

                ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
                SearchStep step = new(ticket.Rows);
                while (!search.IsDone && search.Step < stopAt) search.Advance(Runs.Logits(model, ticket, search), step);
                SearchTicket resumed = ticket with { Resume = search.Save() };
                ISearch restored = SearchFactory.Create(resumed, NoTokenBytes.Instance);

                restored.LiveCount.ShouldBe(search.LiveCount);
                restored.Step.ShouldBe(search.Step);
                Describe(Runs.Finish(model, resumed, restored)).ShouldBe(expected);
            },
            iter: 300);
    }

    private static string Describe(ImmutableArray<FinishedHypothesis> found) => string.Join(
        "; ",
        found.Select(hypothesis => $"{hypothesis.Branch} [{string.Join(",", hypothesis.Ids)}] {hypothesis.Score:R} {hypothesis.Reason}"));
}
