using System.ComponentModel.DataAnnotations;

namespace Beamline.Server.Administration;

/// <summary>Requests that change what the cluster serves.</summary>
public sealed class AdministrationSettings
{
    /// <summary>The section these settings are read from.</summary>
    public const string Section = "Beamline:Administration";

    /// <summary>Whose requests are answered. Default <see cref="AdministrationCallers.Loopback"/>.</summary>
    public AdministrationCallers Callers { get; set; } = AdministrationCallers.Loopback;

    /// <summary>
    /// How long a request waits until a worker has loaded or unloaded; after that it goes on without the request. 1 s to 1 day; default
    /// 15 min, more than what a worker allows a load.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ChangeWait { get; set; } = TimeSpan.FromMinutes(15);
}
