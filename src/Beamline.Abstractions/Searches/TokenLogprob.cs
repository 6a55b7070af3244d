namespace Beamline.Abstractions.Searches;

/// <summary>A token and its log-probability.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Logprob">Natural logarithm of its probability; at most 0.</param>
[GenerateSerializer, Immutable, Alias("Beamline.TokenLogprob")]
public readonly record struct TokenLogprob([property: Id(0)] int Id, [property: Id(1)] float Logprob);
