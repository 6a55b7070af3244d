using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Device;
using Beamline.Engine.Backends.Devices;
using Beamline.Models.Catalogue;
using Beamline.Testing;

namespace Beamline.Engine.Tests.Backends;

/// <summary>The embedded model's files in every precision; imported once for the class that uses them.</summary>
public sealed class DeviceModel : IDisposable
{
    private readonly TemporaryFolder _cache = new();
    private readonly ModelCatalogue _catalogue;

    public DeviceModel() => _catalogue = new(new() { CacheFolder = _cache.Path, EmbeddedFolder = Repository.File("models") });

    internal CachedModel Files(string name) => _catalogue.Open(name);

    /// <summary>The backend over the processor in a device's place.</summary>
    internal IModelBackend Open(string name, int rows, int? capacity = null)
    {
        CachedModel model = Files(name);
        long kvBytes = model.Description.Kv.BytesPerPosition * rows * (capacity ?? model.Description.ContextLength);
        return new DeviceBackendFactory(new DeviceId(DeviceKind.Cpu, 0), model.GraphPath, model.Description, threads: 1)
            .Open(new(rows, PassTokens: 512, kvBytes));
    }

    public void Dispose() => _cache.Dispose();
}
