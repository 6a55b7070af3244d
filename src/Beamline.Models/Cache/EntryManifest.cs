using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Workers;
using Beamline.Models.Graphs;

namespace Beamline.Models.Cache;

/// <summary>The <c>beamline.json</c> of a cache entry: what the model is, and what the other files are, so that damage shows.</summary>
internal sealed record EntryManifest
{
    /// <summary>The file's name.</summary>
    public const string FileName = "beamline.json";

    /// <summary>The version of the graph's form.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>The model's name, without a precision.</summary>
    public required string Name { get; init; }

    /// <summary>The model type.</summary>
    public required string Family { get; init; }

    /// <summary>The precision's name.</summary>
    public required string Precision { get; init; }

    /// <summary>Number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Key/value heads a layer.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Numbers a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Number of tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Tokens of prompt and output at most.</summary>
    public required int ContextLength { get; init; }

    /// <summary>The begin token; null when there is none.</summary>
    public required int? BosTokenId { get; init; }

    /// <summary>Ids that end a sequence.</summary>
    public required ImmutableArray<int> StopIds { get; init; }

    /// <summary>What holds for the model's arithmetic; null in entries made before this was written: nothing special.</summary>
    public ModelTraits? Traits { get; init; }

    /// <summary>Hash of the source's files.</summary>
    public required string SourceHash { get; init; }

    /// <summary>Hash of source, precision and format version.</summary>
    public required string Hash { get; init; }

    /// <summary>The other files of the entry.</summary>
    public required ImmutableArray<EntryFile> Files { get; init; }

    /// <summary>Reads a manifest; null when it is missing or damaged.</summary>
    public static EntryManifest? TryRead(string folder)
    {
        try
        {
            byte[] json = File.ReadAllBytes(Path.Combine(folder, FileName));
            EntryManifest? manifest = JsonSerializer.Deserialize(json, EntryManifestJson.Default.EntryManifest);
            bool isWhole = manifest is { Files.IsDefault: false, StopIds.IsDefault: false } && !manifest.Files.Contains(null!);
            return isWhole ? manifest : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads the version of the form alone, which a manifest of any version has; null when there is none.</summary>
    public static int? TryReadVersion(string folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, FileName)));
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            bool isThere = document.RootElement.TryGetProperty("format_version", out JsonElement version);
            return isThere && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number) ? number : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this, EntryManifestJson.Default.EntryManifest);

    /// <summary>The description of the model.</summary>
    /// <param name="name">What it was asked for by.</param>
    public ModelDescription Describe(string name) => new(
        name,
        Family,
        Precision,
        Parameters,
        KvLayout.Uniform(Layers, KvHeads, HeadSize, Element),
        VocabularySize,
        ContextLength,
        BosTokenId,
        StopIds,
        Hash)
    {
        Traits = Traits ?? ModelTraits.Plain,
    };

    private KvElement Element => Precision == WeightPrecision.Fp16.Name() ? KvElement.Float16 : KvElement.Float32;
}
