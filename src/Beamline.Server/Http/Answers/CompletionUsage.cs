using Beamline.Abstractions.Updates;

namespace Beamline.Server.Http.Answers;

/// <summary>Tokens, counted.</summary>
/// <param name="PromptTokens">Of all prompts.</param>
/// <param name="CompletionTokens">Of all generated sequences.</param>
/// <param name="TotalTokens">Both.</param>
/// <param name="PromptTokensDetails">What of the prompts was not computed again.</param>
internal sealed record CompletionUsage(int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails)
{
    /// <summary>The usage of a run.</summary>
    public static CompletionUsage Of(Usage usage) => new(
        usage.PromptTokens, usage.GeneratedTokens, usage.PromptTokens + usage.GeneratedTokens, new(usage.CachedTokens));
}
