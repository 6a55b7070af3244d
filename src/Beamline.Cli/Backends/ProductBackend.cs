using Beamline.Abstractions.Workers;
using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;
using Beamline.Server.Hosting;

namespace Beamline.Cli.Backends;

/// <summary>The real thing: a silo in this process, the models of this machine.</summary>
/// <param name="models">Where models are looked for and kept.</param>
internal sealed class ProductBackend(ModelCatalogueOptions models) : IBackend
{
    private readonly ModelCatalogue _catalogue = new(models);

    /// <inheritdoc/>
    public async Task<ICluster> OpenClusterAsync(string? model, CancellationToken cancellationToken) =>
        await LocalCluster.StartAsync(_catalogue, model ?? ModelCatalogue.DefaultModel, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<ModelDescription> ListModels() => [.. _catalogue.GetNames().Select(_catalogue.Describe)];

    /// <inheritdoc/>
    public ITokenizer LoadTokenizer(string? model) => _catalogue.LoadTokenizer(model ?? ModelCatalogue.DefaultModel);

    /// <inheritdoc/>
    public Task<int> ServeAsync(string[] settings, CancellationToken cancellationToken) =>
        BeamlineServer.RunAsync(settings, configure: null, cancellationToken);
}
