using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;
using Beamline.Models.Safetensors;

namespace Beamline.Models.Catalogue;

/// <summary>A Hugging Face folder that a model is made from.</summary>
/// <param name="Name">The folder's own name.</param>
/// <param name="Folder">Its full path.</param>
internal sealed record ModelSource(string Name, string Folder)
{
    /// <summary>The file that makes a folder a model.</summary>
    public const string ConfigName = "config.json";

    /// <summary>The tokenizer's file.</summary>
    public const string TokenizerName = "tokenizer.json";

    private static readonly string[] ConfigFiles = [ConfigName, "generation_config.json"];

    /// <summary>The files that a cache entry keeps as they are, where there are any.</summary>
    public static IReadOnlyList<string> TokenizerFiles { get; } = [TokenizerName, "tokenizer_config.json"];

    /// <summary>Whether a folder looks like a model.</summary>
    public static bool IsModel(string folder) => File.Exists(Path.Combine(folder, ConfigName));

    /// <summary>A folder as a source.</summary>
    public static ModelSource At(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new ModelSource(Path.GetFileName(full), full);
    }

    /// <summary>A file of the folder.</summary>
    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>How the files look that decide what the model computes; equal stamps mean unchanged files.</summary>
    /// <exception cref="BeamlineException">The weights are missing.</exception>
    public ImmutableArray<FileStamp> Stamp() => FileStamp.Of(Files());

    /// <summary>A hash of names and content of those files, in hexadecimal.</summary>
    /// <exception cref="BeamlineException">A file is missing or cannot be read.</exception>
    public string ComputeHash() => ContentHash.Of(Files());

    private IEnumerable<string> Files() => ConfigFiles.Concat(TokenizerFiles).Select(PathOf).Concat(SafetensorsCheckpoint.FilesOf(Folder));
}
