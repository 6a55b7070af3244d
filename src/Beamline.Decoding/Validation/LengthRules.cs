using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Validation;

/// <summary>How many tokens may be generated: what is asked for, within what the context leaves.</summary>
internal static class LengthRules
{
    /// <summary>Resolves the number of new tokens and names what does not fit.</summary>
    /// <returns>Tokens to generate at most; meaningless when a fault was added.</returns>
    public static int Resolve(GenerationParameters values, ParameterContext context, FaultList faults)
    {
        int left = context.ContextLength - context.PromptLength;
        if (context.PromptLength < 1)
        {
            faults.Add("prompt", "empty", "at least one token");
            return 0;
        }
        if (left < 1)
        {
            faults.Add("prompt", Counted.Of(context.PromptLength, "token"),
                $"1 to {Counted.Of(context.ContextLength - 1, "token")}, as the context holds {context.ContextLength}");
            return 0;
        }
        if (values.MaxNewTokens is { } newTokens)
        {
            if (newTokens < 1 || newTokens > left) faults.Add("max_new_tokens", newTokens, RangeOf(1, left, context));
            return newTokens;
        }
        if (values.MaxLength is not { } length) return left;
        if (length <= context.PromptLength || length > context.ContextLength)
        {
            faults.Add("max_length", length, RangeOf(context.PromptLength + 1, context.ContextLength, context));
        }
        return length - context.PromptLength;
    }

    private static string RangeOf(int least, int most, ParameterContext context) =>
        $"{least} to {most}, as the prompt has {Counted.Of(context.PromptLength, "token")} and the context holds {context.ContextLength}";
}
