using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Beamline.Server.Hosting;

/// <summary>A gateway is ready when a worker somewhere in the cluster takes requests.</summary>
internal sealed class WorkersHealthCheck(IGrainFactory grains) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            IWorkerDirectoryGrain directory = grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key);
            ImmutableArray<WorkerDescription> workers = await directory.GetWorkersAsync().AsTask().WaitAsync(cancellationToken);
            int ready = workers.Count(worker => worker.State == WorkerState.Ready);
            return ready > 0 ? HealthCheckResult.Healthy($"{ready} ready") : HealthCheckResult.Unhealthy("no worker is ready");
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy("the cluster does not answer", e);
        }
    }
}
