using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>Makes stop ids likelier from a position on: transformers' <c>exponential_decay_length_penalty</c>.</summary>
/// <param name="Start">Generated tokens before it begins; 0 or more.</param>
/// <param name="Factor">The base of the growth; above 0; 1 changes nothing.</param>
/// <remarks>JSON: <c>[start, factor]</c>.</remarks>
[GenerateSerializer, Immutable, Alias("Beamline.ExponentialDecay")]
[JsonConverter(typeof(ExponentialDecayConverter))]
public sealed record ExponentialDecay([property: Id(0)] int Start, [property: Id(1)] float Factor);
