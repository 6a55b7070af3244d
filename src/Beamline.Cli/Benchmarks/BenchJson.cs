using System.Text.Json.Serialization;

namespace Beamline.Cli.Benchmarks;

/// <summary>JSON of benchmark reports.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DecodeReport))]
[JsonSerializable(typeof(ServeReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
