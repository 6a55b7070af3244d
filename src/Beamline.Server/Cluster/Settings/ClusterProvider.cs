namespace Beamline.Server.Cluster.Settings;

/// <summary>Where silos find each other, and where state and reminders are kept.</summary>
public enum ClusterProvider
{
    /// <summary>In the memory of the first silo. For one machine; all is lost with that silo.</summary>
    Localhost,

    /// <summary>In a Redis server, or in one that speaks its protocol such as Beamline.Store.</summary>
    Redis,

    /// <summary>In a PostgreSQL database.</summary>
    Postgres,

    /// <summary>Where the section <c>Orleans</c> says, as Aspire writes it.</summary>
    Orleans,
}
