using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Search;

public sealed class TokenRowsTests
{
    private const int VocabularySize = 50, ContextLength = 131_072;

    [Fact]
    public void Rows_WrittenInAnyWay_AreWhatListsHold() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2_100], Gen.Int[0, 700].Array[1, 12]).Sample(
        (promptLength, maxNewTokens, pieces) =>
        {
            int[] prompt = [.. Enumerable.Range(100, promptLength)];
            TokenRows rows = new(2, prompt, maxNewTokens);
            List<int>[] expected = [[], []];
            for (int i = 0; i < pieces.Length; i++)
            {
                List<int> written = expected[i % 2];
                if (i % 3 == 0)
                {
                    // A hypothesis takes the place of another one, as in a beam search.
                    written.Clear();
                    written.AddRange(Enumerable.Range(i, Math.Min(2 * pieces[i], maxNewTokens)));
                    rows.Write(i % 2, [.. written]);
                }
                for (int step = 0; step < pieces[i] && written.Count < maxNewTokens; step++)
                {
                    rows.Set(i % 2, written.Count, step);
                    written.Add(step);
                }
                for (int row = 0; row < 2; row++)
                {
                    rows.Generated(row, expected[row].Count).ToArray().ShouldBe(expected[row]);
                    rows.History(row, expected[row].Count).ToArray().ShouldBe([.. prompt, .. expected[row]]);
                }
            }
        },
        iter: 300);

    [Fact]
    public void Set_BehindTheLastToken_IsRefused()
    {
        TokenRows rows = new(1, [1], maxNewTokens: 700);
        for (int position = 0; position < 700; position++) rows.Set(0, position, position);
        Should.Throw<IndexOutOfRangeException>(() => rows.Set(0, 700, 1));
    }

    public static TheoryData<string, GenerationParameters> Searches => new()
    {
        { "greedy", new() },
        { "128 samples", new() { DoSample = true, NumReturnSequences = 128 } },
        { "64 beams", new() { NumBeams = 64 } },
        { "groups", new() { NumBeams = 64, NumBeamGroups = 32 } },
    };

    /// <summary>Without a length of its own a request may fill the context; memory is taken as its text grows.</summary>
    [Theory, MemberData(nameof(Searches))]
    public void Create_NoMaxNewTokens_TakesNoMemoryForTheWholeContext(string name, GenerationParameters values)
    {
        CheckedParameters parameters = ParameterValidator.Check(values, new(VocabularySize, ContextLength, [], 3, 5)).OrThrow();
        parameters.MaxNewTokens.ShouldBe(ContextLength - 3);
        SearchTicket ticket = Runs.Ticket(parameters, [1, 2, 3]);
        SearchFactory.Create(ticket, NoTokenBytes.Instance);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SearchFactory.Create(ticket, NoTokenBytes.Instance);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // Live hypotheses twice and finished ones, a row each, and what does not grow with the context.
        allocated.ShouldBeLessThan(3L * ticket.Rows * TokenRows.FirstRoom * sizeof(int) + 200_000, name);
    }

    /// <summary>Long runs pass every doubling: they are what their tokens, told step by step, say.</summary>
    [Theory]
    [InlineData(1), InlineData(3)]
    public void Search_LongerThanTheFirstRoom_KeepsItsTokens(int beams)
    {
        const int Length = 3 * TokenRows.FirstRoom;
        GenerationParameters values = new() { NumBeams = beams, MaxNewTokens = Length, NoRepeatNgramSize = 3, EosTokenId = [] };
        CheckedParameters parameters = ParameterValidator.Check(values, new(VocabularySize, ContextLength, [], 1, 5)).OrThrow();
        Random random = new(3);
        float[][] table = [.. Enumerable.Range(0, VocabularySize).Select(_ =>
            Enumerable.Range(0, VocabularySize).Select(_ => random.NextSingle()).ToArray())];
        SearchTicket ticket = Runs.Ticket(parameters, [1]);
        SearchStateBuilder told = new(ticket);
        FinishedHypothesis found = Runs.Run(
            TableModel.OfRows(table), ticket, seen: (_, step) => told.Apply(step.Events, step.Logprobs))[0];
        found.Ids.Length.ShouldBe(Length);
        told.Build().Finished[0].Ids.ShouldBe(found.Ids);
    }
}
