using Beamline.Abstractions.Workers;
using Beamline.Models.Tokenizers;

namespace Beamline.Cli.Backends;

/// <summary>What the commands act on.</summary>
internal interface IBackend
{
    /// <summary>A cluster that serves a model.</summary>
    /// <param name="model">The model's name; null is the default model.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="Abstractions.Errors.BeamlineException">Unknown or damaged model, no place for its cache, no start.</exception>
    Task<ICluster> OpenClusterAsync(string? model, CancellationToken cancellationToken);

    /// <summary>The models that can be asked for by name.</summary>
    IReadOnlyList<ModelDescription> ListModels();

    /// <summary>A model's tokenizer.</summary>
    /// <param name="model">The model's name; null is the default model.</param>
    /// <exception cref="Abstractions.Errors.BeamlineException">Unknown or damaged model.</exception>
    ITokenizer LoadTokenizer(string? model);

    /// <summary>Runs the server until it is told to stop.</summary>
    /// <param name="settings">Its settings, as its own command line takes them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its exit code.</returns>
    Task<int> ServeAsync(string[] settings, CancellationToken cancellationToken);
}
