using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using Beamline.Testing;

namespace Beamline.Decoding.Tests.Validation;

public sealed class ParameterValidatorTests
{
    private static readonly ParameterContext Context =
        new(VocabularySize: 10, ContextLength: 32, StopIds: [0], PromptLength: 4, FallbackSeed: 99);

    [Fact]
    public void FaultsOfAnyModel_NameNoSizeOfOne() =>
        ParameterValidator.FindFaultsOfAnyModel(new() { TopP = 3, NumBeams = 0, MaxNewTokens = 1 << 30, EosTokenId = [1 << 30] })
            .Select(fault => fault.Field).ShouldBe(["top_p", "num_beams"], ignoreOrder: true);

    [Fact]
    public void Check_NothingGiven_TakesWhatTheModelAndContextSay()
    {
        CheckedParameters parameters = ParameterValidator.Check(new(), Context).OrThrow();
        (parameters.MaxNewTokens, parameters.Seed, parameters.Kind).ShouldBe((28, 99UL, SearchKind.Greedy));
        parameters.StopIds.ShouldBe([0]);
    }

    [Fact]
    public void Check_EmptyStopIds_TurnTheModelsOff() =>
        ParameterValidator.Check(new() { EosTokenId = [] }, Context).OrThrow().StopIds.ShouldBeEmpty();

    [Theory]
    [InlineData(1, true), InlineData(28, true), InlineData(0, false), InlineData(29, false)]
    public void Check_MaxNewTokens_FitsIntoTheContext(int maxNewTokens, bool allowed)
    {
        ParameterCheck check = ParameterValidator.Check(new() { MaxNewTokens = maxNewTokens }, Context);
        (check.Parameters is not null).ShouldBe(allowed);
        if (!allowed)
        {
            const string Rule = "1 to 28, as the prompt has 4 tokens and the context holds 32";
            check.Faults.ShouldBe([new Fault("max_new_tokens", $"{maxNewTokens}", Rule)]);
        }
    }

    [Theory]
    [InlineData(31, true), InlineData(32, false), InlineData(0, false)]
    public void Check_Prompt_LeavesRoomForAToken(int promptLength, bool allowed)
    {
        ParameterCheck check = ParameterValidator.Check(new(), Context with { PromptLength = promptLength });
        (check.Parameters is not null).ShouldBe(allowed);
        if (!allowed) check.Faults.Single().Field.ShouldBe("prompt");
    }

    [Fact]
    public void Check_EverythingWrong_NamesAllOfItAtOnce()
    {
        GenerationParameters values = new()
        {
            MaxNewTokens = 0, MinLength = -1, MinNewTokens = -1, Temperature = 0, TopK = -1, TopP = 1.5f, MinP = -0.1f, TypicalP = 0,
            EpsilonCutoff = 1,
            EtaCutoff = float.NaN, TopH = 0, RepetitionPenalty = 0, EncoderRepetitionPenalty = -1, NoRepeatNgramSize = -1,
            EncoderNoRepeatNgramSize = -1, BadWordsIds = [[10]], SequenceBias = [new([], float.PositiveInfinity)], ForcedBosTokenId = 10,
            ForcedEosTokenId = [-1], NumBeams = 0, NumReturnSequences = 0, LengthPenalty = float.NaN, NumBeamGroups = 0,
            DiversityPenalty = -1,
            StopStrings = ["", new string('x', 300)], PresencePenalty = 3, FrequencyPenalty = -3, Logprobs = 21,
            LogitBias = System.Collections.Immutable.ImmutableDictionary<int, float>.Empty.Add(11, 101),
            ExponentialDecayLengthPenalty = new(-1, 0),
        };
        ParameterValidator.Check(values, Context).Faults.Select(fault => fault.Field).ShouldBe(
        [
            "max_new_tokens", "min_new_tokens", "min_length", "temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff",
            "eta_cutoff", "top_h",
            "repetition_penalty", "encoder_repetition_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size",
            "exponential_decay_length_penalty[0]", "exponential_decay_length_penalty[1]",
            "bad_words_ids[0]", "sequence_bias[0]", "sequence_bias[0]", "forced_bos_token_id", "forced_eos_token_id", "num_beams",
            "num_return_sequences",
            "length_penalty", "num_beam_groups", "diversity_penalty", "stop_strings[0]", "stop_strings[1]", "presence_penalty",
            "frequency_penalty",
            "logit_bias", "logit_bias[11]", "logprobs",
        ]);
    }

    [Theory]
    [InlineData(1, false, 2, false), InlineData(1, true, 2, true), InlineData(2, false, 2, true), InlineData(2, false, 3, false)]
    public void Check_NumReturnSequences_NeedsSamplesOrBeams(int beams, bool sample, int sequences, bool allowed)
    {
        GenerationParameters values = new() { NumBeams = beams, DoSample = sample, NumReturnSequences = sequences };
        ParameterCheck check = ParameterValidator.Check(values, Context);
        (check.Parameters is not null).ShouldBe(allowed);
        if (!allowed) check.Faults.Single().Field.ShouldBe("num_return_sequences");
    }

    [Fact]
    public void Check_WithoutEffect_Warns()
    {
        ParameterValidator.Check(new() { Temperature = 0.5f, TopK = 3, NumBeams = 2 }, Context).Warnings.ShouldBe(
            ["temperature has no effect without do_sample.", "top_k has no effect without do_sample."]);
        ParameterValidator.Check(new() { Temperature = 0.5f, TopK = 3, DoSample = true, LengthPenalty = 2 }, Context).Warnings.ShouldBe(
            ["length_penalty has no effect without num_beams above 1."]);
        ParameterValidator.Check(new() { Temperature = 1, LengthPenalty = 1 }, Context).Warnings.ShouldBeEmpty();
    }

    /// <summary>Everything that the reference refuses is refused, but for two cases that have a meaning here.</summary>
    [Fact]
    public void Check_WhatTheReferenceRefuses_IsRefused()
    {
        foreach (JsonElement golden in Refusals(refused: true))
        {
            // No stop ids at all, and more candidates asked for than there are, are well defined here.
            if (golden.GetProperty("field").GetString() == "eos_token_id") continue;
            IsRefused(golden).ShouldBeTrue(golden.Name());
        }
    }

    /// <summary>What the reference takes is taken, unless the value has no meaning (the reference ignores it).</summary>
    [Fact]
    public void Check_WhatTheReferenceTakes_IsTakenUnlessMeaningless()
    {
        foreach (JsonElement golden in Refusals(refused: false))
        {
            if (IsMeaningless(golden)) IsRefused(golden).ShouldBeTrue(golden.Name());
            else IsRefused(golden).ShouldBeFalse(golden.Name());
        }
    }

    private static IEnumerable<JsonElement> Refusals(bool refused) =>
        ReferenceData.Golden.Cases("refusals.jsonl").Where(golden => golden.GetProperty("refused").GetBoolean() == refused);

    private static bool IsMeaningless(JsonElement golden)
    {
        string field = golden.GetProperty("field").GetString()!;
        JsonElement value = golden.GetProperty("params").GetProperty(field);
        return field switch
        {
            "temperature" => value.GetSingle() <= 0,
            "typical_p" or "top_p" => value.GetSingle() > 1,
            "epsilon_cutoff" or "eta_cutoff" => value.GetSingle() is < 0 or >= 1,
            "top_k" or "no_repeat_ngram_size" or "encoder_no_repeat_ngram_size" or "min_length" or "min_new_tokens" => value.GetInt32() < 0,
            _ => false,
        };
    }

    private static bool IsRefused(JsonElement golden)
    {
        try
        {
            ParameterContext context = new(
                golden.GetProperty("vocab").GetInt32(), GoldenCase.AmpleContext, [], golden.GetProperty("prompt").GetArrayLength(), 0);
            return ParameterValidator.Check(golden.Parameters(), context).Parameters is null;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
