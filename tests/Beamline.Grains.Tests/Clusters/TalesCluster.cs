using Beamline.Client;
using Beamline.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>Two silos in this process over the embedded model; only the second has a worker, so every search crosses silos.</summary>
public sealed class TalesCluster : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    public BeamlineClient Client { get; private set; } = null!;

    public IGrainFactory Grains => _cluster!.Client;

    public async ValueTask InitializeAsync()
    {
        InProcessTestClusterBuilder builder = new(initialSilosCount: 2);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.Configuration["Beamline:Workers:Enabled"] = $"{options.SiloName == "Silo_1"}";
            silo.Configuration["Beamline:Workers:ExclusiveDevices"] = "false";
            silo.AddBeamline(silo.Configuration);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Client = new BeamlineClient(_cluster.Client);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
