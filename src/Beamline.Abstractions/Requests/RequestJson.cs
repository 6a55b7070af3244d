using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Requests;

/// <summary>JSON of whole requests, for comparing and keeping them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(GenerationRequest))]
public sealed partial class RequestJson : JsonSerializerContext;
