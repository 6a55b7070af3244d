using System.ComponentModel.DataAnnotations;

namespace Beamline.Server.Cluster.Settings;

/// <summary>How a process takes part in a cluster. Nothing set: a whole cluster of its own on loopback.</summary>
public sealed class ClusterSettings
{
    /// <summary>The section these settings are read from.</summary>
    public const string Section = "Beamline:Cluster";

    /// <summary>What the process does. Default <see cref="ServerRole.SiloAndGateway"/>.</summary>
    public ServerRole Role { get; set; } = ServerRole.SiloAndGateway;

    /// <summary>
    /// Where silos find each other. Not set: <see cref="ClusterProvider.Orleans"/> when the section <c>Orleans:Clustering</c> is there,
    /// else <see cref="ClusterProvider.Localhost"/>.
    /// </summary>
    public ClusterProvider? Provider { get; set; }

    /// <summary>
    /// Redis: the server, in StackExchange.Redis' form, such as <c>10.0.0.5:6379,password=...</c>. Postgres: the database, in Npgsql's
    /// form, such as <c>Host=10.0.0.5;Database=beamline;Username=beamline;Password=...</c>. Needed there, else unused.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Postgres: whether a start makes the tables, or brings them up to date. Default false: the database's user need not be allowed to.
    /// </summary>
    public bool ApplySchema { get; set; }

    /// <summary>Silos of one id form one cluster. 1 to 63 letters, digits and hyphens; default <c>beamline</c>.</summary>
    public string ClusterId { get; set; } = "beamline";

    /// <summary>State belongs to this id and outlives clusters. 1 to 63 letters, digits and hyphens; default <c>beamline</c>.</summary>
    public string ServiceId { get; set; } = "beamline";

    /// <summary>
    /// The silo's name, unique in the cluster; its workers are named after it. 1 to 63 letters, digits, hyphens, dots and underscores.
    /// Not set: the pod's name, or the machine's name and the silo's port.
    /// </summary>
    public string? SiloName { get; set; }

    /// <summary>
    /// The IP address at which other silos and gateways reach this silo, and on which it listens. Not set: loopback with
    /// <see cref="ClusterProvider.Localhost"/>, the pod's, else the machine's own. Traffic between silos is neither encrypted nor
    /// authenticated unless <see cref="Tls"/> says so.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>Port for other silos. 0 to 65535; 0, the default, is any free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; }

    /// <summary>
    /// Port for gateways in other processes. 0 to 65535; 0, the default, is none with <see cref="ClusterProvider.Localhost"/>, where
    /// nobody could find it, else any free one.
    /// </summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; }

    /// <summary>
    /// Localhost: address and port of the first silo, such as <c>127.0.0.1:11111</c>. Not set: this silo is the first one.
    /// </summary>
    public string? PrimarySilo { get; set; }

    /// <summary>Localhost, gateway only: addresses and gateway ports of silos, such as <c>127.0.0.1:30000</c>; at least one.</summary>
    public IList<string> Gateways { get; } = [];

    /// <summary>How long a start waits for the store, the first silo or a gateway. 1 s to 10 min; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How soon a lost silo is noticed.</summary>
    public DetectionSettings Detection { get; set; } = new();

    /// <summary>Encryption between the processes of the cluster.</summary>
    public TlsSettings Tls { get; set; } = new();

    /// <summary>Whether the silo is a pod of Kubernetes.</summary>
    public KubernetesSettings Kubernetes { get; set; } = new();

    /// <summary>Whether the process holds grains.</summary>
    public bool HasSilo => Role != ServerRole.Gateway;

    /// <summary>Whether the process answers requests over HTTP.</summary>
    public bool HasGateway => Role != ServerRole.Silo;

    /// <summary>The full name of a setting, for messages.</summary>
    internal static string Name(string property) => $"{Section}:{property}";
}
