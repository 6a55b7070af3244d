using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>A bias on the last token of a sequence, added when the tokens before it stand at the end of the history.</summary>
/// <param name="Ids">At least one id.</param>
/// <param name="Bias">Added to the score; finite, or minus infinity, which bans the sequence.</param>
/// <remarks>JSON: <c>[[5, 7], 1.5]</c>, as in transformers; minus infinity is <c>"-inf"</c>.</remarks>
[GenerateSerializer, Immutable, Alias("Beamline.SequenceBias")]
[JsonConverter(typeof(SequenceBiasConverter))]
public sealed record SequenceBias([property: Id(0)] ImmutableArray<int> Ids, [property: Id(1)] float Bias);
