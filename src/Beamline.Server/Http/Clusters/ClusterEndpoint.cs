using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Orleans.Runtime;

namespace Beamline.Server.Http.Clusters;

/// <summary><c>GET /v1/cluster</c>.</summary>
internal static class ClusterEndpoint
{
    /// <summary>Shows silos and workers.</summary>
    public static async Task GetAsync(HttpContext context)
    {
        IGrainFactory grains = context.RequestServices.GetRequiredService<IGrainFactory>();
        Task<MembershipEntry[]> silos = grains.GetGrain<IManagementGrain>(0).GetDetailedHosts();
        Task<ImmutableArray<WorkerDescription>> workers =
            grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key).GetWorkersAsync().AsTask();
        await Task.WhenAll(silos, workers).WaitAsync(context.RequestAborted);
        ClusterAnswer answer = new(
            "cluster",
            [.. (await silos).Select(SiloEntry.Of).OrderBy(silo => silo.Name, StringComparer.Ordinal).ThenBy(silo => silo.Started)],
            [.. (await workers).Select(WorkerEntry.Of)]);
        await context.Response.WriteAsJsonAsync(answer, ClusterJson.Answers.ClusterAnswer);
    }
}
