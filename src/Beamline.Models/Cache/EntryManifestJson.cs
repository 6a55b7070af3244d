using System.Text.Json.Serialization;

namespace Beamline.Models.Cache;

/// <summary>How manifests and stamps are read and written; made at build time, since reflection would slow every start.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, WriteIndented = true)]
[JsonSerializable(typeof(EntryManifest))]
[JsonSerializable(typeof(EntryStamps))]
internal sealed partial class EntryManifestJson : JsonSerializerContext;
