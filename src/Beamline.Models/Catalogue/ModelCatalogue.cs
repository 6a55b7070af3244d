using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Cache;
using Beamline.Models.Files;
using Beamline.Models.Graphs;
using Beamline.Models.Tokenizers;

namespace Beamline.Models.Catalogue;

/// <summary>
/// The models that can be asked for: those that come with the program, those imported before, and any Hugging Face folder by its path. A
/// name may end in a precision: <c>tales@int8</c>. A model is imported into the cache when it is first opened.
/// </summary>
/// <remarks>Safe for concurrent use, also by several processes on one cache.</remarks>
public sealed class ModelCatalogue
{
    /// <summary>The model that is used when none is named.</summary>
    public const string DefaultModel = "tales";

    private readonly ModelCatalogueOptions _options;
    private readonly ModelCache _cache;
    private readonly SourceHashes _hashes;

    /// <summary>A catalogue over folders that need not exist yet.</summary>
    public ModelCatalogue(ModelCatalogueOptions options) : this(options, create: null)
    {
    }

    /// <summary>A catalogue whose cache creates files in another way.</summary>
    internal ModelCatalogue(ModelCatalogueOptions options, Func<string, Stream>? create)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _cache = new ModelCache(options.CacheFolder, DecoderGraph.FormatVersion, create);
        _hashes = new SourceHashes(_cache);
    }

    /// <summary>The known names, each once: what came with the program, then what was imported.</summary>
    public ImmutableArray<string> GetNames()
    {
        IEnumerable<string> imported =
            _cache.Entries().Select(entry => entry.Manifest).Where(IsCurrent).Select(manifest => NameOf(manifest).ToString());
        IEnumerable<string> all = EmbeddedNames().Order(StringComparer.Ordinal).Concat(imported.Order(StringComparer.Ordinal));
        return [.. all.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Looks a name up among those that came with the program or were imported. What comes from strangers goes through here: unlike the
    /// other members this one never takes a name for a path.
    /// </summary>
    /// <param name="name">A name, with or without a precision.</param>
    /// <returns>The name as <see cref="GetNames"/> has it; null when there is no such model.</returns>
    /// <exception cref="BeamlineException">It is empty, or its precision is unknown.</exception>
    public string? Find(string name)
    {
        ModelName asked = ModelName.Parse(name);
        bool isKnown = EmbeddedNames().Contains(asked.Base, StringComparer.Ordinal) || Imported(asked).Any();
        return isKnown ? asked.ToString() : null;
    }

    /// <summary>Whether there is such a model, without a look into its files.</summary>
    /// <param name="name">A name or path, with or without a precision.</param>
    /// <exception cref="BeamlineException">There is none, or its precision is unknown.</exception>
    public void Require(string name)
    {
        ModelName asked = ModelName.Parse(name);
        if (FindSource(asked) is null) FindImported(asked, verify: false);
    }

    /// <summary>What a model is, without importing or loading it.</summary>
    /// <param name="name">A name or path, with or without a precision; the description bears it unchanged.</param>
    /// <exception cref="BeamlineException">It is not known, damaged or not supported.</exception>
    public ModelDescription Describe(string name)
    {
        ModelName asked = ModelName.Parse(name);
        if (FindSource(asked) is not { } source) return FindImported(asked, verify: false).Manifest.Describe(name);
        string hash = _hashes.Of(source);
        using ModelImport import = new(source);
        return import.Describe(asked.Precision, hash, EntryHash(hash, asked.Precision)).Describe(name);
    }

    /// <summary>The tokenizer of a model, read anew at every call.</summary>
    /// <param name="name">A name or path, with or without a precision.</param>
    /// <exception cref="BeamlineException">The model is not known, or its tokenizer is missing, damaged or not supported.</exception>
    public ITokenizer LoadTokenizer(string name)
    {
        ModelName asked = ModelName.Parse(name);
        if (FindSource(asked) is { } source) return TokenizerFile.Open(source.PathOf(ModelSource.TokenizerName));
        (string folder, EntryManifest manifest) = FindImported(asked, verify: false);
        return TokenizerFile.Open(Path.Combine(folder, ModelSource.TokenizerName), manifest.VocabularySize);
    }

    /// <summary>A model ready to load; the first call imports it.</summary>
    /// <param name="name">A name or path, with or without a precision; the description bears it unchanged.</param>
    /// <exception cref="BeamlineException">It is not known, damaged or not supported, or the cache cannot be written.</exception>
    public CachedModel Open(string name)
    {
        ModelName asked = ModelName.Parse(name);
        if (FindSource(asked) is not { } source)
        {
            (string imported, EntryManifest found) = FindImported(asked, verify: true);
            return new CachedModel(imported, found.Describe(name));
        }
        string sourceHash = _hashes.Of(source), hash = EntryHash(sourceHash, asked.Precision);
        string entry = EntryName(source.Name, asked.Precision, hash), folder = _cache.FolderOf(entry);
        // The source's tokenizer is the entry's, and the one that its owner knows.
        EntryManifest manifest = _cache.TryOpen(folder, found => CheckTokenizer(source.Folder, found)) is { } whole && whole.Hash == hash
            ? whole
            : Import(source, asked.Precision, sourceHash, hash, entry);
        _hashes.Share(source, sourceHash, folder);
        return new CachedModel(folder, manifest.Describe(name));
    }

    private IEnumerable<string> EmbeddedNames() => Directory.Exists(_options.EmbeddedFolder)
        ? Directory.EnumerateDirectories(_options.EmbeddedFolder).Where(ModelSource.IsModel).Select(Path.GetFileName).OfType<string>()
        : [];

    private EntryManifest Import(ModelSource source, WeightPrecision precision, string sourceHash, string hash, string entry)
    {
        using ModelImport import = new(source);
        IReadOnlyList<(string Name, byte[] Content)> tokenizer = import.ReadTokenizer();
        return _cache.Store(entry, writer =>
        {
            import.Write(precision, tokenizer, writer);
            if (!_hashes.IsStill(source, sourceHash)) throw ModelFile.Fault(source.Folder, "changed while it was imported; try again");
            EntryManifest manifest = import.Describe(precision, sourceHash, hash) with { Files = writer.Files };
            writer.Finish(manifest);
            return manifest;
        });
    }

    // Null when the name can only be that of an imported model.
    private ModelSource? FindSource(ModelName asked)
    {
        bool isPath = asked.Base.AsSpan().IndexOfAny('/', '\\') >= 0 || asked.Base is "." or "..";
        if (!isPath)
        {
            string embedded = Path.Combine(_options.EmbeddedFolder, asked.Base);
            if (ModelSource.IsModel(embedded)) return ModelSource.At(embedded);
            if (Imported(asked).Any()) return null;
        }
        if (ModelSource.IsModel(asked.Base)) return ModelSource.At(asked.Base);
        if (Directory.Exists(asked.Base)) throw ModelFile.Fault(asked.Base, $"holds no {ModelSource.ConfigName}: it is no model");
        return null;
    }

    private (string Folder, EntryManifest Manifest) FindImported(ModelName asked, bool verify)
    {
        foreach ((string folder, EntryManifest manifest) in Imported(asked))
        {
            bool isFound = !verify || _cache.TryOpen(folder, found => CheckTokenizer(folder, found)) is not null;
            if (isFound) return (folder, manifest);
        }
        string known = string.Join(", ", GetNames()), quoted = ModelFile.Quote(asked.ToString());
        throw new BeamlineException(
            BeamlineErrorCode.ModelNotFound, $"Model '{quoted}' is not known. Known: {known}; or give the path of a Hugging Face folder.");
    }

    private IEnumerable<(string Folder, EntryManifest Manifest)> Imported(ModelName asked) =>
        _cache.Entries().Where(entry => IsCurrent(entry.Manifest) && NameOf(entry.Manifest) == asked);

    // Entries that were made before tokenizers were looked into, or elsewhere: once, when the entry is read as a whole.
    private static void CheckTokenizer(string folder, EntryManifest manifest)
    {
        string tokenizer = Path.Combine(folder, ModelSource.TokenizerName);
        if (File.Exists(tokenizer)) TokenizerFile.Open(tokenizer, manifest.VocabularySize);
    }

    private static bool IsCurrent(EntryManifest manifest) =>
        manifest.FormatVersion == DecoderGraph.FormatVersion && WeightPrecisionNames.TryParse(manifest.Precision, out _);

    private static ModelName NameOf(EntryManifest manifest) =>
        new(manifest.Name, WeightPrecisionNames.TryParse(manifest.Precision, out WeightPrecision? precision) ? precision.Value : default);

    private static string EntryHash(string sourceHash, WeightPrecision precision) => Convert.ToHexStringLower(
        XxHash128.Hash(Encoding.UTF8.GetBytes($"beamline graph {DecoderGraph.FormatVersion} {precision.Name()} {sourceHash}")));

    // The hash decides; the rest is for people who look into the folder.
    private static string EntryName(string name, WeightPrecision precision, string hash)
    {
        string readable = new([.. name.Take(40).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' ? c : '-')]);
        return $"{readable.TrimStart('-')}-{precision.Name()}-{hash}";
    }
}
