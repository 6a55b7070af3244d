using System.Collections.Immutable;

namespace Beamline.Decoding.Validation;

/// <summary>What parameters are checked against: one model and one prompt.</summary>
/// <param name="VocabularySize">The model's vocabulary size V; 1 or more.</param>
/// <param name="ContextLength">Prompt and generated tokens at most; 1 or more.</param>
/// <param name="StopIds">The model's own stop ids, used when the request names none; may be empty.</param>
/// <param name="PromptLength">Tokens of the prompt.</param>
/// <param name="FallbackSeed">The seed when the request gives none.</param>
public sealed record ParameterContext(
    int VocabularySize, int ContextLength, ImmutableArray<int> StopIds, int PromptLength, ulong FallbackSeed);
