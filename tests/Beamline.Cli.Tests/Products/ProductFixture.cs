using Beamline.Cli.Backends;
using Beamline.Models.Catalogue;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Products;

/// <summary>The real backend over a cache of its own.</summary>
public sealed class ProductFixture : IDisposable
{
    private readonly TemporaryFolder _cache = new();

    public ProductFixture() => Backend = new ProductBackend(new ModelCatalogueOptions { CacheFolder = _cache.Path });

    internal IBackend Backend { get; }

    public void Dispose() => _cache.Dispose();
}
