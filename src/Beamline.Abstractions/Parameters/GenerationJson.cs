using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>JSON of <see cref="GenerationParameters"/> under the reference's names; properties that are not given are left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(GenerationParameters))]
public sealed partial class GenerationJson : JsonSerializerContext;
