using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Validation;

/// <summary>Parameters that are given but change nothing, so that nobody turns a knob that is not connected.</summary>
internal static class ParameterWarnings
{
    /// <summary>One line a parameter without effect.</summary>
    public static ImmutableArray<string> Of(
        GenerationParameters values, ParameterContext context, ImmutableArray<int> stopIds, int maxNewTokens)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        bool beams = values.NumBeams > 1, sampling = values.DoSample ?? false;
        if (!sampling) Add(SamplingOnly(values), "without do_sample");
        if (!beams) Add(BeamsOnly(values), "without num_beams above 1");
        if (values.DiversityPenalty is not (null or 0) && !(values.NumBeamGroups > 1))
        {
            Add(["diversity_penalty"], "without num_beam_groups above 1");
        }
        if (values.NumBeamGroups > 1 && values.DiversityPenalty is (null or 0))
        {
            Add(["num_beam_groups"], "without a diversity_penalty: all groups find the same");
        }
        if (stopIds.IsDefaultOrEmpty) Add(StopIdsOnly(values), "without a stop id");
        else if (values.MinNewTokens > maxNewTokens) warnings.Add("min_new_tokens is above the length limit: no stop id can end the text.");
        if (values is { MaxNewTokens: not null, MaxLength: not null }) Add(["max_length"], "beside max_new_tokens");
        if (values is { MinNewTokens: not null, MinLength: > 0 }) Add(["min_length"], "beside min_new_tokens");
        if (values.ForcedBosTokenId is not null && context.PromptLength != 1)
        {
            Add(["forced_bos_token_id"], "unless the prompt has one token");
        }
        if (values.SuppressTokens is { IsDefault: false } ids && ids.Any(id => id < 0 || id >= context.VocabularySize))
        {
            warnings.Add("suppress_tokens holds ids outside the vocabulary, which have no effect.");
        }
        return warnings.ToImmutable();

        void Add(IEnumerable<string> names, string when) => warnings.AddRange(names.Select(name => $"{name} has no effect {when}."));
    }

    private static IEnumerable<string> SamplingOnly(GenerationParameters values)
    {
        if (values.Seed is not null) yield return "seed";
        if (values.Temperature is not (null or 1)) yield return "temperature";
        if (values.TopK is not (null or 0)) yield return "top_k";
        if (values.TopP is not (null or 1)) yield return "top_p";
        if (values.MinP is not null) yield return "min_p";
        if (values.TypicalP is not (null or 1)) yield return "typical_p";
        if (values.EpsilonCutoff is not (null or 0)) yield return "epsilon_cutoff";
        if (values.EtaCutoff is not (null or 0)) yield return "eta_cutoff";
        if (values.TopH is not null) yield return "top_h";
    }

    private static IEnumerable<string> BeamsOnly(GenerationParameters values)
    {
        if (values.LengthPenalty is not (null or 1)) yield return "length_penalty";
        if (values.EarlyStopping is not (null or EarlyStopping.False)) yield return "early_stopping";
    }

    private static IEnumerable<string> StopIdsOnly(GenerationParameters values)
    {
        if (values.MinLength > 0) yield return "min_length";
        if (values.MinNewTokens > 0) yield return "min_new_tokens";
    }
}
