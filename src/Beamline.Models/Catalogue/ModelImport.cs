using Beamline.Abstractions.Errors;
using Beamline.Models.Cache;
using Beamline.Models.Configs;
using Beamline.Models.Families;
using Beamline.Models.Files;
using Beamline.Models.Graphs;
using Beamline.Models.Safetensors;
using Beamline.Models.Tokenizers;
using Beamline.Models.Weights;

namespace Beamline.Models.Catalogue;

/// <summary>A source, opened and fully checked: config, every tensor by role, special ids. Writes what the cache keeps of it.</summary>
internal sealed class ModelImport : IDisposable
{
    /// <summary>The file of the weights.</summary>
    public const string DataName = "graph.onnx.data";

    private readonly ModelSource _source;
    private readonly SafetensorsCheckpoint _checkpoint;
    private readonly DecoderConfig _config;
    private readonly DecoderWeights _weights;
    private readonly SpecialIds _special;
    private readonly long _parameters;

    /// <summary>Opens a source.</summary>
    /// <exception cref="BeamlineException">It is damaged or not supported.</exception>
    public ModelImport(ModelSource source)
    {
        _source = source;
        ConfigReader json = ConfigReader.Open(source.PathOf(ModelSource.ConfigName));
        IModelFamily family = ModelFamilies.Of(json);
        _config = family.ReadConfig(json);
        _special = SpecialIds.Read(source.Folder, json);
        json.ThrowIfFaulty();
        _checkpoint = SafetensorsCheckpoint.Open(source.Folder);
        try
        {
            WeightFinder finder = new(_checkpoint);
            _weights = family.FindWeights(_config, finder);
            finder.ThrowIfFaulty();
            _parameters = finder.Parameters;
        }
        catch
        {
            _checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>What the manifest says, without files.</summary>
    /// <param name="precision">The precision of the entry.</param>
    /// <param name="sourceHash">Hash of the source.</param>
    /// <param name="hash">Hash of the entry.</param>
    public EntryManifest Describe(WeightPrecision precision, string sourceHash, string hash) => new()
    {
        FormatVersion = DecoderGraph.FormatVersion,
        Name = _source.Name,
        Family = _config.Family,
        Precision = precision.Name(),
        Parameters = _parameters,
        Layers = _config.Layers,
        KvHeads = _config.KvHeads,
        HeadSize = _config.HeadSize,
        VocabularySize = _config.VocabularySize,
        ContextLength = _config.ContextLength,
        BosTokenId = _special.Bos,
        StopIds = _special.Stops,
        Traits = _config.Traits,
        SourceHash = sourceHash,
        Hash = hash,
        Files = [],
    };

    /// <summary>
    /// Reads and checks the files that an entry keeps as they are. Before anything is written: what fails here is the source's fault and
    /// not the cache's.
    /// </summary>
    /// <exception cref="BeamlineException">One cannot be read, or the tokenizer is damaged, not supported or not this model's.</exception>
    public IReadOnlyList<(string Name, byte[] Content)> ReadTokenizer()
    {
        (string Name, byte[] Content)[] files = [.. ModelSource.TokenizerFiles
            .Where(name => File.Exists(_source.PathOf(name)))
            .Select(name => (name, ModelFile.ReadSmall(_source.PathOf(name), TokenizerFile.MaxBytes)))];
        foreach ((string name, byte[] content) in files)
        {
            if (name == ModelSource.TokenizerName) TokenizerFile.Read(_source.PathOf(name), content, _config.VocabularySize);
        }
        return files;
    }

    /// <summary>Writes graph, weights and tokenizer.</summary>
    /// <param name="precision">How to keep the matrices.</param>
    /// <param name="tokenizer">What <see cref="ReadTokenizer"/> read.</param>
    /// <param name="entry">Receives the files.</param>
    public void Write(WeightPrecision precision, IReadOnlyList<(string Name, byte[] Content)> tokenizer, EntryWriter entry)
    {
        using (Stream graph = entry.Create("graph.onnx"))
        using (Stream data = entry.Create(DataName))
        {
            DecoderGraph.Write(_config, _weights, precision, graph, data, DataName);
        }
        foreach ((string name, byte[] content) in tokenizer) entry.Write(name, content);
    }

    /// <inheritdoc/>
    public void Dispose() => _checkpoint.Dispose();
}
