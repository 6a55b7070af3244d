using System.Collections.Immutable;

namespace Beamline.Abstractions.Searches;

/// <summary>Log-probabilities at one generated position.</summary>
/// <param name="Id">The chosen token.</param>
/// <param name="Raw">Its log-probability from the model's logits alone, as OpenAI reports it.</param>
/// <param name="Processed">The same after all logits processors, as transformers' scores give it.</param>
/// <param name="TopRaw">The likeliest tokens by the model, best first; as many as asked for.</param>
/// <param name="TopProcessed">The likeliest tokens after the processors, best first; masked tokens are left out.</param>
[GenerateSerializer, Immutable, Alias("Beamline.TokenLogprobs")]
public sealed record TokenLogprobs(
    [property: Id(0)] int Id,
    [property: Id(1)] float Raw,
    [property: Id(2)] float Processed,
    [property: Id(3)] ImmutableArray<TokenLogprob> TopRaw,
    [property: Id(4)] ImmutableArray<TokenLogprob> TopProcessed);
