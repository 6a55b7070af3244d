using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Search;

/// <summary>Logits and parameters as nobody wants them: always an end, always ids of the vocabulary, never an exception.</summary>
public sealed class BadInputTests
{
    private static readonly Gen<float> BadFloat = Gen.Frequency(
        (4, Gen.Float[-5, 5]), (2, Gen.Const(float.NegativeInfinity)), (1, Gen.Const(float.NaN)), (1, Gen.Const(float.PositiveInfinity)),
        (1, Gen.Const(float.MaxValue)), (1, Gen.Const(float.MinValue)));

    private static readonly Gen<GenerationParameters> AnyParameters =
        from kind in Gen.Int[0, 4]
        from temperature in OneOf(1e-30f, 0.01f, 1f, 1e30f)
        from topP in OneOf(0f, 0.5f, 1f)
        from topK in OneOf(0, 1, 1_000)
        from warper in Gen.Int[0, 5]
        from remove in Gen.Bool
        from logprobs in OneOf<int?>(null, 3)
        select new GenerationParameters
        {
            MaxNewTokens = 5, EosTokenId = [0, 77], DoSample = kind is 1 or 3, NumReturnSequences = kind == 0 ? 1 : 3,
            NumBeams = kind >= 2 ? 4 : 1,
            NumBeamGroups = kind == 4 ? 2 : null, DiversityPenalty = kind == 4 ? 1 : null, Temperature = temperature, TopP = topP,
            TopK = topK,
            MinP = warper == 1 ? 0.5f : null, TypicalP = warper == 2 ? 0.5f : null, EpsilonCutoff = warper == 3 ? 0.5f : null,
            EtaCutoff = warper == 4 ? 0.5f : null, TopH = warper == 5 ? 0.5f : null, RemoveInvalidValues = remove,
            RenormalizeLogits = remove,
            Logprobs = logprobs, LengthPenalty = temperature > 1 ? 50 : -3,
        };

    [Fact]
    public void Search_AnyLogits_EndsWithIdsOfTheVocabulary() =>
        Gen.Int[1, 20].SelectMany(size => Gen.Select(BadFloat.Array[size].Array[size], AnyParameters)).Sample(
            (rows, values) => RunAndCheck(rows, values),
            iter: 5_000);

    [Theory]
    [InlineData(float.NegativeInfinity), InlineData(float.NaN), InlineData(float.PositiveInfinity)]
    public void Search_NothingButOneValue_GivesTheLowestId(float value)
    {
        float[][] rows = [[value, value, value], [value, value, value], [value, value, value]];
        GenerationParameters[] kinds = [new(), new() { DoSample = true }, new() { NumBeams = 2 }, new() { NumBeams = 2, DoSample = true }];
        foreach (GenerationParameters values in kinds)
        {
            ImmutableArray<FinishedHypothesis> found = RunAndCheck(rows, values with { MaxNewTokens = 3, EosTokenId = [], Logprobs = 2 });
            found[0].Ids.ShouldBe([0, 0, 0]);
            found[0].Logprobs.ShouldAllBe(token => float.IsFinite(token.Raw) && float.IsFinite(token.Processed));
        }
    }

    [Fact]
    public void Search_BadWordThatIsTheOnlyWayOn_StillEnds()
    {
        float[][] rows = [[0, float.NegativeInfinity], [0, float.NegativeInfinity]];
        foreach (int beams in (int[])[1, 2])
        {
            RunAndCheck(rows, new() { NumBeams = beams, MaxNewTokens = 3, BadWordsIds = [[0]] })[0].Ids.Length.ShouldBe(3);
        }
    }

    [Theory]
    [InlineData(1e-6f), InlineData(1e-30f), InlineData(float.Epsilon)]
    public void Sampling_TinyTemperature_IsGreedy(float temperature)
    {
        float[][] rows = [[1, 2, 3], [3, 2, 1], [1, 3, 2]];
        int[] greedy = [.. RunAndCheck(rows, new() { MaxNewTokens = 5 })[0].Ids];
        RunAndCheck(rows, new() { MaxNewTokens = 5, DoSample = true, Temperature = temperature })[0].Ids.ShouldBe(greedy);
    }

    [Fact]
    public void Beams_MoreThanTheVocabulary_FindWhatThereIs()
    {
        float[][] rows = [[1, 2], [2, 1]];
        RunAndCheck(rows, new() { NumBeams = 16, NumReturnSequences = 16, MaxNewTokens = 2, EosTokenId = [] }).Length.ShouldBe(4);
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(place => values[place]);

    private static ImmutableArray<FinishedHypothesis> RunAndCheck(float[][] rows, GenerationParameters values)
    {
        TableModel model = TableModel.OfRows(rows);
        SearchTicket ticket = Runs.Ticket(ParameterValidator.Check(values, new(rows.Length, 30, [], 1, 3)).OrThrow(), [0]);
        int steps = 0;
        ImmutableArray<FinishedHypothesis> found = Runs.Run(model, ticket, seen: (_, _) => (++steps).ShouldBeLessThanOrEqualTo(30));
        found.ShouldNotBeEmpty();
        foreach (FinishedHypothesis hypothesis in found)
        {
            hypothesis.Ids.ShouldAllBe(id => id >= 0 && id < rows.Length);
            hypothesis.Ids.Length.ShouldBeInRange(1, ticket.Parameters.MaxNewTokens);
            if (hypothesis.Score is { } score) float.IsNaN(score).ShouldBeFalse();
        }
        return found;
    }
}
