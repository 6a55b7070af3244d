using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Beamline.Server.Cluster.Contracts;

/// <summary>A silo whose contracts are not this process' own.</summary>
/// <param name="Address">The silo.</param>
/// <param name="Version">What it shows; null when it shows nothing.</param>
internal sealed record ForeignSilo(SiloAddress Address, string? Version)
{
    /// <summary>Those among the silos of a cluster, the oldest first.</summary>
    public static IEnumerable<ForeignSilo> Find(ClusterManifest cluster, ContractsVersion own) => cluster.Silos
        .Where(silo => !silo.Key.IsClient)
        .Select(silo => new ForeignSilo(silo.Key, VersionOf(silo.Value)))
        .Where(silo => silo.Version != own.Value)
        .OrderBy(silo => silo.Address.Generation).ThenBy(silo => silo.Address);

    /// <summary>
    /// Whether it was there before a silo. Of two silos that start at the same moment neither need see the other in time: then the later
    /// one goes.
    /// </summary>
    public bool IsOlderThan(SiloAddress silo) =>
        Address.Generation != silo.Generation ? Address.Generation < silo.Generation : Address.CompareTo(silo) < 0;

    /// <summary>Why this process cannot be in its cluster.</summary>
    /// <param name="own">Its own version.</param>
    /// <param name="clusterId">The cluster.</param>
    public StartException Refusal(ContractsVersion own, string clusterId) => new(
        [$"This build has version {own.Value} of the contracts, the silo at {Address.Endpoint} of cluster '{clusterId}' has "
            + $"{Version ?? "an older one"}; stop the cluster's silos and gateways first, or set another "
            + $"{ClusterSettings.Name(nameof(ClusterSettings.ClusterId))}"]);

    private static string? VersionOf(GrainManifest silo) => silo.Interfaces.Values
        .Select(one => one.Properties.GetValueOrDefault(ContractsProperty.Name)).FirstOrDefault(version => version is not null);
}
