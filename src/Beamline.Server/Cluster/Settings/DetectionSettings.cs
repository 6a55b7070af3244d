using System.ComponentModel.DataAnnotations;
using Orleans.Configuration;

namespace Beamline.Server.Cluster.Settings;

/// <summary>How soon silos notice that one of them is gone. The same on all silos of a cluster.</summary>
public sealed class DetectionSettings
{
    /// <summary>
    /// How often a silo probes its neighbours, and how long it waits for an answer. 100 ms to 1 min; default 1 s. Shorter finds a lost silo
    /// sooner and a busy one by mistake.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes in a row without an answer before a silo counts as lost. 1 to 100; default 3.</summary>
    [Range(1, 100)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>
    /// How often a silo writes into the membership table that it is alive, and reads who else is. 500 ms to 5 min; default 2 s. After two
    /// of them without a sign of life, and then <see cref="MissedProbes"/>, a new silo no longer waits for an old one: so long a start
    /// takes after all silos were lost at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:05:00")]
    public TimeSpan AliveInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a gateway reads which silos there are. 100 ms to 5 min; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan GatewayRefresh { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a call between processes waits for its answer before it is repeated. 1 s to 5 min; default 5 s, and more than the longest
    /// wait inside a call (<c>Beamline:Sequences:ReadWait</c>, <c>Beamline:Workers:Engine:ReadWait</c>,
    /// <c>Beamline:Durable:StorageWait</c>).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Sets the options of a silo's membership.</summary>
    internal void Apply(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = ProbeTimeout;
        // Orleans would let the wait grow to four times as much with the answers' own delay: a hung silo would be noticed as much later.
        options.MaxProbeTimeout = ProbeTimeout;
        options.NumMissedProbesLimit = MissedProbes;
        options.IAmAliveTablePublishTimeout = AliveInterval;
        // Orleans reads it once a minute. A silo that starts again on the same port declares its predecessor dead; when another silo writes
        // at the same moment it tries again with the next reading, and until then nobody else can join: messages from the new one pass for
        // signs of life of the old one.
        options.TableRefreshTimeout = AliveInterval;
        // Not Orleans' three: it only makes the start of a lost cluster longer. Whom it marks is still probed before it counts as dead.
        options.NumMissedTableIAmAliveLimit = 2;
    }
}
