using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Tokenizers;

namespace Beamline.Models.Catalogue;

/// <summary>An imported model, ready to load: checked, complete, and nobody changes it any more.</summary>
/// <param name="Folder">Its folder in the cache.</param>
/// <param name="Description">What it is.</param>
public sealed record CachedModel(string Folder, ModelDescription Description)
{
    /// <summary>The graph's file; its weights lie beside it. Inputs and outputs: <see cref="Graphs.GraphNames"/>.</summary>
    public string GraphPath => Path.Combine(Folder, "graph.onnx");

    /// <summary>Bytes of its weights, as they are stored.</summary>
    public long WeightBytes => new FileInfo(Path.Combine(Folder, ModelImport.DataName)).Length;

    /// <summary>The tokenizer, read anew at every call.</summary>
    /// <exception cref="BeamlineException">The model has none, one that is not supported, or one with more ids than the model.</exception>
    public ITokenizer LoadTokenizer() =>
        TokenizerFile.Open(Path.Combine(Folder, ModelSource.TokenizerName), Description.VocabularySize);
}
