using System.ComponentModel.DataAnnotations;

namespace Beamline.Store;

/// <summary>What the store keeps in memory, and where it writes.</summary>
public sealed class StoreSettings
{
    /// <summary>The section these settings are read from.</summary>
    public const string Section = "Beamline:Store";

    /// <summary>The IP address it listens on; default loopback. Who reaches it reads and writes everything: there is no password.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port of Redis' protocol. 0 to 65535; 0, the default, is any free one, which the log names.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>Where data is kept over restarts. Not set: a temporary folder, removed at exit.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Megabytes of memory for records; what exceeds them moves to the data folder. 64 to 65,536; default 256.</summary>
    [Range(64, 65_536)]
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>Megabytes of memory for the index of keys. A power of 2 from 1 to 4,096; default 16.</summary>
    [Range(1, 4096)]
    public int IndexMegabytes { get; set; } = 16;

    /// <summary>
    /// Megabytes of log after which a checkpoint is written and the log begins anew. A power of 2 from 16 to 4,096; default 64.
    /// </summary>
    [Range(16, 4096)]
    public int LogMegabytes { get; set; } = 64;
}
