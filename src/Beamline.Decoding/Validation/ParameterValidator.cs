using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Validation;

/// <summary>Checks generation parameters against a model and a prompt: everything that is wrong at once, and what has no effect.</summary>
/// <remarks>The only maker of <see cref="CheckedParameters"/>. Pure; safe for concurrent use.</remarks>
public static class ParameterValidator
{
    /// <summary>Checks parameters.</summary>
    /// <param name="values">What the request says.</param>
    /// <param name="context">The model and the prompt.</param>
    /// <param name="limits">The most that may be asked for; null is <see cref="ParameterLimits.Default"/>.</param>
    public static ParameterCheck Check(GenerationParameters values, ParameterContext context, ParameterLimits? limits = null)
    {
        FaultList faults = new();
        ImmutableArray<int> stopIds = values.EosTokenId is { IsDefault: false } ids ? ids : context.StopIds;
        int maxNewTokens = LengthRules.Resolve(values, context, faults);
        ParameterRules rules = new(values, context, limits ?? ParameterLimits.Default, stopIds, faults);
        rules.CheckAll();
        ImmutableArray<string> warnings = ParameterWarnings.Of(values, context, stopIds, maxNewTokens);
        if (faults.Any) return new(null, faults.ToImmutable(), warnings);
        ulong seed = values.Seed is { } given ? unchecked((ulong)given) : context.FallbackSeed;
        CheckedParameters parameters = new(
            values, context.VocabularySize, context.PromptLength, maxNewTokens, stopIds, seed);
        return new(parameters, [], warnings);
    }

    /// <summary>What is wrong with parameters whatever the model: for requests that are refused before one is known.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="limits">Limits; null takes the defaults.</param>
    /// <returns>Faults that name no size of a model; ids and lengths are left to <see cref="Check"/>.</returns>
    public static ImmutableArray<Fault> FindFaultsOfAnyModel(GenerationParameters values, ParameterLimits? limits = null)
    {
        // What two models of other sizes say in the same words is about neither.
        ParameterContext one = new(1 << 20, 1 << 20, [0], 1, 0), other = new(1 << 21, 1 << 21, [0], 2, 0);
        return [.. Check(values, one, limits).Faults.Intersect(Check(values, other, limits).Faults)];
    }
}
