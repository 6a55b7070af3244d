namespace Beamline.Server.Cluster.Settings;

/// <summary>What a process does in its cluster.</summary>
public enum ServerRole
{
    /// <summary>Holds grains (and workers, if it has any) and answers HTTP. One such process is a whole cluster.</summary>
    SiloAndGateway,

    /// <summary>Holds grains and workers; over HTTP it answers health checks only.</summary>
    Silo,

    /// <summary>Answers HTTP and holds no grains: it may be added, and lost, without moving any.</summary>
    Gateway,
}
