using System.Collections.Immutable;
using System.Text;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Stopping;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Search;

public sealed class StopStringSearchTests
{
    private static readonly Words Vocabulary = new("a", "b", "ab", "ba", "c", "", "é", "ca");

    [Fact]
    public void Greedy_StringAcrossTokenBorders_EndsAtTheTokenThatCompletesIt()
    {
        // 0 -> "a", "ba", "c", ...
        TableModel model = Chain(0, 3, 4, 2, 1);
        FinishedHypothesis found = Run(model, new() { StopStrings = ["bac"], MaxNewTokens = 8, EosTokenId = [] })[0];
        found.Ids.ShouldBe([3, 4]);
        found.Reason.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public void Greedy_StopIdThatAlsoCompletesAString_CountsAsStopId()
    {
        FinishedHypothesis found = Run(Chain(0, 3, 4), new() { StopStrings = ["bac"], MaxNewTokens = 8, EosTokenId = [4] })[0];
        found.Reason.ShouldBe(FinishReason.Eos);
    }

    [Fact]
    public void Greedy_StringInThePrompt_DoesNotEnd()
    {
        FinishedHypothesis found = Run(Chain(2, 4, 4, 4), new() { StopStrings = ["abc"], MaxNewTokens = 3, EosTokenId = [] }, [2])[0];
        found.Reason.ShouldBe(FinishReason.Length);
    }

    /// <summary>
    /// With stop strings, every kind of search returns sequences whose text holds one exactly when they end for it, and only at their
    /// last token.
    /// </summary>
    [Fact]
    public void Search_AnyModel_EndsWhereAPlainSearchFindsTheString()
    {
        Gen<string> stop = Gen.Char["abc"].Array[1, 3].Select(letters => new string(letters));
        Gen.Select(Gen.Float[-3, 3].Array[8].Array[8], stop.Array[1, 2], Gen.Int[0, 2]).Sample(
            (rows, stops, kind) =>
            {
                GenerationParameters values = new()
                {
                    StopStrings = [.. stops], MaxNewTokens = 6, EosTokenId = [], DoSample = kind == 1, NumBeams = kind == 2 ? 3 : 1,
                    NumReturnSequences = kind == 0 ? 1 : 3,
                };
                foreach (FinishedHypothesis found in Run(TableModel.OfRows(rows), values))
                {
                    (found.Reason == FinishReason.Stop).ShouldBe(stops.Any(Vocabulary.Text(found.Ids).Contains));
                    stops.Any(Vocabulary.Text(found.Ids[..^1]).Contains).ShouldBeFalse();
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void Search_RestoredInTheMiddleOfAString_StillFindsIt()
    {
        TableModel model = Chain(0, 3, 4, 2);
        SearchTicket ticket = Ticket(new() { StopStrings = ["bac"], MaxNewTokens = 8, EosTokenId = [] }, [0]);
        ISearch search = SearchFactory.Create(ticket, Vocabulary);
        search.Advance(Runs.Logits(model, ticket, search), new(1));
        SearchTicket resumed = ticket with { Resume = search.Save() };
        Runs.Run(model, resumed, Vocabulary)[0].Ids.ShouldBe([3, 4]);
    }

    private static ImmutableArray<FinishedHypothesis> Run(
        TableModel model, GenerationParameters values, ImmutableArray<int>? prompt = null) =>
        Runs.Run(model, Ticket(values, prompt ?? [0]), Vocabulary);

    private static SearchTicket Ticket(GenerationParameters values, ImmutableArray<int> prompt) =>
        Runs.Ticket(ParameterValidator.Check(values, new(8, 30, [], prompt.Length, 3)).OrThrow(), prompt);

    /// <summary>A model in which each id of the chain is followed by the next, and the last by itself.</summary>
    private static TableModel Chain(params int[] ids)
    {
        float[][] rows = [.. Enumerable.Range(0, 8).Select(_ => new float[8])];
        for (int i = 0; i + 1 < ids.Length; i++) rows[ids[i]][ids[i + 1]] = 5;
        return TableModel.OfRows(rows);
    }

    private sealed class Words(params string[] words) : ITokenBytes
    {
        private readonly byte[][] _bytes = [.. words.Select(Encoding.UTF8.GetBytes)];

        public ReadOnlySpan<byte> this[int id] => _bytes[id];

        public string Text(ImmutableArray<int> ids) => string.Concat(ids.Select(id => words[id]));
    }
}
