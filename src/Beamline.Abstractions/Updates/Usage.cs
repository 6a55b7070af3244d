namespace Beamline.Abstractions.Updates;

/// <summary>Tokens of a run.</summary>
/// <param name="PromptTokens">Tokens of all prompts.</param>
/// <param name="GeneratedTokens">Tokens of all returned sequences.</param>
/// <param name="CachedTokens">Prompt tokens whose computation was saved by the prefix cache.</param>
[GenerateSerializer, Immutable, Alias("Beamline.Usage")]
public sealed record Usage([property: Id(0)] int PromptTokens, [property: Id(1)] int GeneratedTokens, [property: Id(2)] int CachedTokens);
