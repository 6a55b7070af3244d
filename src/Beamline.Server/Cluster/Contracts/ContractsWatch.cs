using Beamline.ServiceDefaults.Processes;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Beamline.Server.Cluster.Contracts;

/// <summary>
/// Ends a process that finds itself among silos with other contracts: a gateway at its start or when its silos were replaced, and the
/// later of two silos that started at the same moment.
/// </summary>
/// <param name="manifests">What all silos show.</param>
/// <param name="own">This process' contracts.</param>
/// <param name="cluster">Gives the cluster's name.</param>
/// <param name="faults">Ends the process.</param>
/// <param name="silo">This process' silo; null when it has none.</param>
internal sealed class ContractsWatch(
    IClusterManifestProvider manifests,
    ContractsVersion own,
    IOptions<ClusterOptions> cluster,
    ProcessFault faults,
    ILocalSiloDetails? silo = null) : BackgroundService
{
    /// <inheritdoc/>
    /// <exception cref="StartException">There are such silos already.</exception>
    public override Task StartAsync(CancellationToken cancellationToken) =>
        Find(manifests.Current) is { } refusal ? throw refusal : base.StartAsync(cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (ClusterManifest now in manifests.Updates.WithCancellation(stoppingToken))
        {
            if (Find(now) is not { } refusal) continue;
            faults.Raise(refusal);
            return;
        }
    }

    private StartException? Find(ClusterManifest now) => ForeignSilo.Find(now, own)
        .FirstOrDefault(foreign => silo is null || foreign.IsOlderThan(silo.SiloAddress))?.Refusal(own, cluster.Value.ClusterId);
}
