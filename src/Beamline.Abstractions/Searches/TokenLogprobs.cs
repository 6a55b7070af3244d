using System.Collections.Immutable;

namespace Beamline.Abstractions.Searches;

/// <summary>A token and its log-probability.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Logprob">Natural logarithm of its probability; at most 0.</param>
[GenerateSerializer, Immutable, Alias("Beamline.TokenLogprob")]
public readonly record struct TokenLogprob([property: Id(0)] int Id, [property: Id(1)] float Logprob);

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
