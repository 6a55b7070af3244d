using System.Collections.Concurrent;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Sequences;

/// <summary>
/// The tokenizers of models that workers announce, on silos with and without a worker: read once each. Safe for concurrent use.
/// </summary>
internal sealed class ModelLibrary(ModelCatalogue catalogue)
{
    // Models come and go: more than this many is more than are served at once, and reading one again costs little.
    private const int MaxTokenizers = 64;

    private readonly ConcurrentDictionary<(string Name, string Hash), Lazy<ITokenizer>> _tokenizers = new();

    /// <summary>The tokenizer of a model.</summary>
    /// <param name="model">As its workers announce it: only names from there may be looked for among this machine's files.</param>
    /// <exception cref="BeamlineException">This silo does not have the model's files, or they are damaged.</exception>
    public ITokenizer GetTokenizer(ModelDescription model)
    {
        (string Name, string Hash) key = (model.Name, model.Hash);
        if (_tokenizers.Count >= MaxTokenizers && !_tokenizers.ContainsKey(key)) _tokenizers.Clear();
        try
        {
            return _tokenizers.GetOrAdd(key, missing => new(() => catalogue.LoadTokenizer(missing.Name))).Value;
        }
        catch (BeamlineException e)
        {
            _tokenizers.TryRemove(key, out _);      // it may be mended, or installed, before the next request
            if (e.Error.Code != BeamlineErrorCode.ModelNotFound) throw;
            throw new BeamlineException(
                BeamlineErrorCode.InvalidModel,
                $"{model.Name} is served, but this silo has no files of it for its tokenizer; import it here too.", e);
        }
    }
}
