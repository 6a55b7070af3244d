using Beamline.Client;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>Two silos in this process over the embedded model; only the second has a worker, so every search crosses silos.</summary>
public sealed class TalesCluster : IAsyncLifetime
{
    public const string WorkerSilo = "Silo_1";

    public TestCluster Cluster { get; private set; } = null!;

    public BeamlineClient Client => Cluster.Client;

    public async ValueTask InitializeAsync() =>
        Cluster = await TestCluster.StartAsync(2, silo => [("Workers:Enabled", $"{silo == WorkerSilo}")]);

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
    }
}
