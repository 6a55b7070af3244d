using Beamline.Abstractions.Parameters;
using Beamline.Decoding.Search;
using Beamline.Decoding.Stopping;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;

namespace Beamline.Decoding.Tests.Search;

public sealed class AllocationTests
{
    private const int VocabularySize = 500;

    private static readonly GenerationParameters Processors = new()
    {
        MaxNewTokens = 400, EosTokenId = [7], StopStrings = ["never there", "nor this"], RepetitionPenalty = 1.1f,
        EncoderRepetitionPenalty = 1.1f,
        NoRepeatNgramSize = 3, EncoderNoRepeatNgramSize = 2, BadWordsIds = [[1, 2], [9]], SequenceBias = [new([3], 0.5f), new([4, 5], 1)],
        SuppressTokens = [10], BeginSuppressTokens = [11], MinNewTokens = 400, ExponentialDecayLengthPenalty = new(2, 1.01f),
        ForcedEosTokenId = [7],
        PresencePenalty = 0.1f, FrequencyPenalty = 0.1f, RenormalizeLogits = true, RemoveInvalidValues = false,
    };

    private static readonly GenerationParameters Warpers = Processors with
    {
        DoSample = true, Temperature = 1.2f, TopK = 400, TopP = 0.99f, MinP = 0.0001f, TypicalP = 0.99f, EpsilonCutoff = 0.0001f,
        EtaCutoff = 0.0001f,
    };

    public static TheoryData<string, GenerationParameters> Searches => new()
    {
        { "greedy", Processors },
        { "plain sampling", new() { MaxNewTokens = 400, DoSample = true, NumReturnSequences = 4 } },
        { "sampling", Warpers with { NumReturnSequences = 4 } },
        { "sampling with top-h", Warpers with { TopH = 0.9f } },
        { "beams", Processors with { NumBeams = 4, LengthPenalty = 2, EarlyStopping = EarlyStopping.Never, MinNewTokens = null } },
        { "beam sampling", Warpers with { NumBeams = 4 } },
        { "groups", Processors with { NumBeams = 4, NumBeamGroups = 2, DiversityPenalty = 1 } },
    };

    [Theory, MemberData(nameof(Searches))]
    public void Advance_EachStep_AllocatesNothing(string name, GenerationParameters values)
    {
        CheckedParameters parameters = ParameterValidator.Check(values, new(VocabularySize, 1_000, [], 3, 5)).OrThrow();
        var ticket = Runs.Ticket(parameters, [20, 21, 22]);
        ISearch search = SearchFactory.Create(ticket, new LetterTokens());
        SearchStep step = new(ticket.Rows);
        float[] logits = new float[ticket.Rows * VocabularySize];
        long before = 0;
        while (!search.IsDone && search.Step < 300)
        {
            if (search.Step == 20) before = GC.GetAllocatedBytesForCurrentThread();
            Fill(logits, search.Step);
            search.Advance(new(logits.AsSpan(0, search.LiveCount * VocabularySize), VocabularySize), step);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        search.Step.ShouldBeGreaterThan(40, name);
        allocated.ShouldBe(0, name);
    }

    private static void Fill(float[] logits, int step)
    {
        uint state = (uint)step + 1;
        for (int i = 0; i < logits.Length; i++)
        {
            state = state * 1_664_525 + 1_013_904_223;
            logits[i] = (state >> 8) * (6f / (1 << 24));
        }
    }

    private sealed class LetterTokens : ITokenBytes
    {
        public ReadOnlySpan<byte> this[int id] => "nevr th"u8.Slice(id % 6, 1);
    }
}
