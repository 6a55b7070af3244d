using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Beamline.Testing;

namespace Beamline.Models.Tests.Support;

/// <summary>The embedded model in each precision, imported once a class.</summary>
public sealed class ImportedTales : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public CachedModel Open(WeightPrecision precision) => TestModels.Catalogue(_temporary).Open($"tales@{precision.Name()}");

    public void Dispose() => _temporary.Dispose();
}
