namespace Beamline.Benchmarks.Cluster;

/// <summary>A closed load of requests of one length.</summary>
/// <param name="Requests">Requests that one entry gets in all.</param>
/// <param name="Clients">How many run at a time.</param>
/// <param name="Tokens">Tokens of each.</param>
internal sealed record ClusterLoad(int Requests, int Clients, int Tokens)
{
    /// <summary>What each of two entries gets: half of the clients, and as many requests, so that all runs last equally long.</summary>
    public ClusterLoad Half => this with { Clients = Clients / 2 };
}
