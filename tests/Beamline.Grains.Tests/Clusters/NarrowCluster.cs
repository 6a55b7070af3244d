using Beamline.Client;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>One silo whose worker has four rows and a line of six, and that keeps nothing for long.</summary>
public sealed class NarrowCluster : IAsyncLifetime
{
    public const string WorkerSilo = "Silo_0";
    public const int Rows = 4;
    public const int Queue = 6;

    public TestCluster Cluster { get; private set; } = null!;

    public BeamlineClient Client => Cluster.Client;

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(1, _ =>
    [
        ("Workers:Engine:Rows", $"{Rows}"),
        ("Workers:Engine:QueuedSearches", $"{Queue}"),
        ("Sequences:KeepFinished", "00:00:01"),
        ("Sequences:WorkerWait", "00:00:00.3"),
    ]);

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
    }
}
