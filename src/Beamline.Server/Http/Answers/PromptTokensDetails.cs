namespace Beamline.Server.Http.Answers;

/// <summary>What of the prompts was not computed again.</summary>
/// <param name="CachedTokens">Tokens taken from the prefix cache.</param>
internal sealed record PromptTokensDetails(int CachedTokens);
