using System.Collections.Concurrent;
using Beamline.Abstractions.Workers;
using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Sequences;

/// <summary>What sequences need of models, on silos with and without a worker: descriptions and tokenizers, read once each. Safe for concurrent use.</summary>
internal sealed class ModelLibrary(ModelCatalogue catalogue)
{
    /// <summary>The model of requests that name none.</summary>
    public const string DefaultModel = "tales";

    private readonly ConcurrentDictionary<string, Lazy<ModelHandle>> _handles = new(StringComparer.Ordinal);

    /// <summary>A model by name.</summary>
    /// <param name="name">Null is the default model.</param>
    /// <exception cref="Beamline.Abstractions.Errors.BeamlineException">Not known, or its files are damaged.</exception>
    public ModelHandle Get(string? name)
    {
        string key = name ?? DefaultModel;
        try
        {
            return _handles.GetOrAdd(key, missing => new(() => new(catalogue.Describe(missing), catalogue.LoadTokenizer(missing)))).Value;
        }
        catch
        {
            _handles.TryRemove(key, out _);     // it may be mended, or installed, before the next request
            throw;
        }
    }
}

/// <summary>A model as sequences see it.</summary>
/// <param name="Description">Sizes and names.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
internal sealed record ModelHandle(ModelDescription Description, ITokenizer Tokenizer);
