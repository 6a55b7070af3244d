using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Validation;

/// <summary>The range of each parameter and the relations between them.</summary>
internal sealed class ParameterRules(
    GenerationParameters values, ParameterContext context, ParameterLimits limits, ImmutableArray<int> stopIds, FaultList faults)
{
    /// <summary>Checks all of them, in the order in which <see cref="GenerationParameters"/> lists them.</summary>
    public void CheckAll()
    {
        faults.Within("min_new_tokens", values.MinNewTokens, 0, int.MaxValue);
        faults.Within("min_length", values.MinLength, 0, int.MaxValue);
        CheckSampling();
        CheckPenalties();
        CheckWords();
        CheckForced();
        CheckBeams();
        CheckStops();
        CheckOpenAi();
    }

    private void CheckSampling()
    {
        faults.Number("temperature", values.Temperature, value => value > 0, "above 0; for the likeliest tokens turn do_sample off");
        faults.Within("top_k", values.TopK, 0, int.MaxValue);
        faults.Number("top_p", values.TopP, value => value is >= 0 and <= 1, "0 to 1");
        faults.Number("min_p", values.MinP, value => value is >= 0 and <= 1, "0 to 1");
        faults.Number("typical_p", values.TypicalP, value => value is > 0 and <= 1, "above 0 and at most 1");
        faults.Number("epsilon_cutoff", values.EpsilonCutoff, value => value is >= 0 and < 1, "0 or more and below 1");
        faults.Number("eta_cutoff", values.EtaCutoff, value => value is >= 0 and < 1, "0 or more and below 1");
        faults.Number("top_h", values.TopH, value => value is > 0 and <= 1, "above 0 and at most 1");
    }

    private void CheckPenalties()
    {
        faults.Number("repetition_penalty", values.RepetitionPenalty, value => value > 0, "above 0");
        faults.Number("encoder_repetition_penalty", values.EncoderRepetitionPenalty, value => value > 0, "above 0");
        faults.Within("no_repeat_ngram_size", values.NoRepeatNgramSize, 0, int.MaxValue);
        faults.Within("encoder_no_repeat_ngram_size", values.EncoderNoRepeatNgramSize, 0, int.MaxValue);
        if (values.ExponentialDecayLengthPenalty is not { } decay) return;
        const string Field = "exponential_decay_length_penalty";
        faults.Within($"{Field}[0]", decay.Start, 0, int.MaxValue);
        faults.Number($"{Field}[1]", decay.Factor, value => value > 0, "above 0");
        if (stopIds.IsDefaultOrEmpty) faults.Add(Field, $"[{decay.Start}, {decay.Factor}]", "only with a stop id, and there is none");
    }

    private void CheckWords()
    {
        if (values.BadWordsIds is { IsDefault: false } words)
        {
            faults.Length("bad_words_ids", words.Length, 1, limits.MaxListLength);
            for (int i = 0; i < words.Length; i++) CheckSequence($"bad_words_ids[{i}]", words[i]);
        }
        if (values.SequenceBias is not { IsDefault: false } biases) return;
        faults.Length("sequence_bias", biases.Length, 1, limits.MaxListLength);
        for (int i = 0; i < biases.Length; i++)
        {
            CheckSequence($"sequence_bias[{i}]", biases[i].Ids);
            if (!float.IsNegativeInfinity(biases[i].Bias))
            {
                faults.Number($"sequence_bias[{i}]", biases[i].Bias, _ => true, "a finite bias or -inf");
            }
        }
    }

    private void CheckSequence(string field, ImmutableArray<int> ids)
    {
        ImmutableArray<int> given = ids.IsDefault ? [] : ids;
        faults.Length(field, given.Length, 1, limits.MaxSequenceLength);
        faults.Ids(field, given, context.VocabularySize);
    }

    private void CheckForced()
    {
        faults.Id("forced_bos_token_id", values.ForcedBosTokenId, context.VocabularySize);
        ImmutableArray<int> forcedEos = values.ForcedEosTokenId is { IsDefault: false } forced ? forced : [];
        if (values.ForcedEosTokenId is not null) faults.Length("forced_eos_token_id", forcedEos.Length, 1, limits.MaxListLength);
        faults.Ids("forced_eos_token_id", forcedEos, context.VocabularySize);
        ImmutableArray<int> suppressed = values.SuppressTokens is { IsDefault: false } tokens ? tokens : [];
        faults.Length("suppress_tokens", suppressed.Length, 0, Math.Max(limits.MaxListLength, context.VocabularySize));
        faults.Length("begin_suppress_tokens", values.BeginSuppressTokens is { IsDefault: false } begin ? begin.Length : 0, 0,
            Math.Max(limits.MaxListLength, context.VocabularySize));
        HashSet<int> banned = [.. suppressed];
        if (values.ForcedBosTokenId is { } bos && banned.Contains(bos))
        {
            faults.Add("suppress_tokens", bos, "not the only id that forced_bos_token_id allows");
        }
        if (forcedEos.Length > 0 && forcedEos.All(banned.Contains))
        {
            faults.Add("suppress_tokens", string.Join(", ", forcedEos), "not every id that forced_eos_token_id allows");
        }
        if ((values.DoSample ?? false) && banned.Count(id => id >= 0 && id < context.VocabularySize) == context.VocabularySize)
        {
            faults.Add("suppress_tokens", "the whole vocabulary", "at least one id left to draw");
        }
    }

    private void CheckBeams()
    {
        int beams = values.NumBeams ?? 1, groups = values.NumBeamGroups ?? 1;
        faults.Within("num_beams", beams, 1, limits.MaxNumBeams);
        faults.Within("num_return_sequences", values.NumReturnSequences, 1, limits.MaxNumReturnSequences);
        if (values.NumReturnSequences is { } sequences && sequences > 1)
        {
            if (beams > 1 && sequences > beams) faults.Add("num_return_sequences", sequences, $"1 to num_beams, which is {beams}");
            if (beams == 1 && !(values.DoSample ?? false))
            {
                faults.Add("num_return_sequences", sequences, "1 in greedy search; more needs do_sample or num_beams");
            }
        }
        faults.Number("length_penalty", values.LengthPenalty, _ => true, "a finite number");
        if (values.EarlyStopping is { } stopping && !Enum.IsDefined(stopping))
        {
            faults.Add("early_stopping", stopping, "false, true or \"never\"");
        }
        if (groups < 1 || (beams >= 1 && (groups > beams || beams % groups != 0)))
        {
            faults.Add("num_beam_groups", groups, $"1 or more, and a divisor of num_beams, which is {beams}");
        }
        if (groups > 1 && (values.DoSample ?? false))
        {
            faults.Add("num_beam_groups", groups, "1 with do_sample: groups are for beam search without sampling");
        }
        faults.Number("diversity_penalty", values.DiversityPenalty, value => value >= 0, "0 or more");
    }

    private void CheckStops()
    {
        if (values.EosTokenId is { IsDefault: false } ids) faults.Length("eos_token_id", ids.Length, 0, limits.MaxStopIds);
        if (values.StopStrings is not { IsDefault: false } strings) return;
        faults.Length("stop_strings", strings.Length, 0, limits.MaxStopStrings);
        for (int i = 0; i < strings.Length; i++)
        {
            int length = strings[i]?.Length ?? 0;
            if (length < 1 || length > limits.MaxStopStringLength)
            {
                faults.Add($"stop_strings[{i}]", $"{length} characters", $"1 to {limits.MaxStopStringLength} characters");
            }
        }
    }

    private void CheckOpenAi()
    {
        faults.Number("presence_penalty", values.PresencePenalty, value => value is >= -2 and <= 2, "-2 to 2");
        faults.Number("frequency_penalty", values.FrequencyPenalty, value => value is >= -2 and <= 2, "-2 to 2");
        if (values.LogitBias is { } biases)
        {
            faults.Length("logit_bias", biases.Count, 0, limits.MaxListLength);
            foreach ((int id, float bias) in biases.OrderBy(entry => entry.Key))
            {
                faults.Id("logit_bias", id, context.VocabularySize);
                faults.Number($"logit_bias[{id}]", bias, value => value is >= -100 and <= 100, "-100 to 100");
            }
        }
        faults.Within("logprobs", values.Logprobs, 0, limits.MaxLogprobs);
    }
}
