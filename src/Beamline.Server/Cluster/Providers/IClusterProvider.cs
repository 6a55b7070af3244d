using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;

namespace Beamline.Server.Cluster.Providers;

/// <summary>
/// One way for silos to find each other. A new one is a class here, a word in <see cref="ClusterProvider"/>, a line in <see
/// cref="ClusterProviders"/>.
/// </summary>
internal interface IClusterProvider
{
    /// <summary>Settings that it needs and that are missing or wrong.</summary>
    IEnumerable<SettingFault> FindFaults(ClusterSettings settings);

    /// <summary>Tells a silo where to find others, and where to keep state and reminders.</summary>
    void ConfigureSilo(ISiloBuilder silo, ClusterSettings settings);

    /// <summary>Tells a process without a silo where to find silos.</summary>
    void ConfigureClient(IClientBuilder client, ClusterSettings settings);

    /// <summary>Waits until what it depends on answers; <paramref name="cancellationToken"/> ends the wait.</summary>
    /// <exception cref="StartException">It does not, for a reason the operator can change.</exception>
    Task WaitAsync(IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken);

    /// <summary>The time by the store that all silos share; null when there is none, or none that tells.</summary>
    Task<DateTimeOffset?> ReadClockAsync(IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken) =>
        Task.FromResult<DateTimeOffset?>(null);
}
