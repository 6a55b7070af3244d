using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Logprobs;

public sealed class LogprobTests
{
    [Fact]
    public void Greedy_Logprobs_AreRawAndProcessed()
    {
        float[] row = [2, 1, 0];
        TokenLogprobs token = Run([row, row, row], new() { MaxNewTokens = 1, SuppressTokens = [0], Logprobs = 2 })[0].Logprobs.Single();

        double total = row.Sum(logit => Math.Exp(logit)), left = Math.Exp(1) + 1;
        token.Id.ShouldBe(1);
        ((double)token.Raw).ShouldBe(1 - Math.Log(total), 1e-6);
        ((double)token.Processed).ShouldBe(1 - Math.Log(left), 1e-6);
        token.TopRaw.Select(top => top.Id).ShouldBe([0, 1]);
        // The masked token is left out.
        token.TopProcessed.Select(top => top.Id).ShouldBe([1, 2]);
        ((double)token.TopProcessed[1].Logprob).ShouldBe(0 - Math.Log(left), 1e-6);
    }

    [Fact]
    public void Logprobs_MoreThanTheVocabulary_AreAllThereAre() =>
        Run([[2, 1, 0], [2, 1, 0], [2, 1, 0]], new() { MaxNewTokens = 1, Logprobs = 20 })[0].Logprobs.Single().TopRaw.Length.ShouldBe(3);

    [Fact]
    public void Logprobs_NotAskedFor_AreEmpty() => Run([[2, 1], [2, 1]], new() { MaxNewTokens = 2 })[0].Logprobs.ShouldBeEmpty();

    /// <summary>
    /// Asking for log-probabilities changes nothing else; events and hypotheses carry the same; a beam's add up to its score.
    /// </summary>
    [Fact]
    public void Logprobs_AnySearch_AreConsistent() => Gen.Select(Gen.Float[-3, 3].Array[6].Array[6], Gen.Int[0, 3], Gen.Int[0, 3]).Sample(
        (rows, kind, top) =>
        {
            GenerationParameters values = new()
            {
                MaxNewTokens = 5, EosTokenId = [3], Temperature = 1.5f, TopK = 4, RepetitionPenalty = 1.2f, DoSample = kind is 1 or 3,
                NumReturnSequences = kind == 0 ? 1 : 3, NumBeams = kind >= 2 ? 3 : 1,
            };
            TableModel model = TableModel.OfRows(rows);
            ImmutableArray<FinishedHypothesis> without = Run(rows, values);
            SearchTicket ticket = Ticket(values with { Logprobs = top }, rows.Length);
            ImmutableArray<FinishedHypothesis> found = Runs.Run(model, ticket, seen: (_, step) =>
            {
                step.Logprobs.Length.ShouldBe(step.Events.Length);
                for (int i = 0; i < step.Events.Length; i++) step.Logprobs[i].Id.ShouldBe(step.Events[i].Token);
            });

            found.Length.ShouldBe(without.Length);
            for (int i = 0; i < found.Length; i++)
            {
                found[i].Ids.ShouldBe(without[i].Ids);
                found[i].Score.ShouldBe(without[i].Score);
                found[i].Logprobs.Select(token => token.Id).ShouldBe(found[i].Ids);
                found[i].Logprobs.ShouldAllBe(token => token.TopRaw.Length == top && token.TopProcessed.Length <= top);
                if (found[i].Score is not { } score) continue;
                (found[i].Logprobs.Sum(token => token.Processed) / found[i].Ids.Length).ShouldBe(score, 1e-5f);
            }
        },
        iter: 1_000);

    private static ImmutableArray<FinishedHypothesis> Run(float[][] rows, GenerationParameters values) =>
        Runs.Run(TableModel.OfRows(rows), Ticket(values, rows.Length));

    private static SearchTicket Ticket(GenerationParameters values, int vocabularySize) =>
        Runs.Ticket(ParameterValidator.Check(values, new(vocabularySize, 30, [], 1, 3)).OrThrow(), [0]);
}
