using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Microsoft.Extensions.Logging;

namespace Beamline.Grains.Workers;

/// <summary>Tells the cluster's directory, and this silo's copy of it, of the workers here.</summary>
internal sealed partial class Announcer(IGrainFactory grains, WorkerDirectoryCache directory, ILogger<Announcer> logger)
{
    private IWorkerDirectoryGrain Directory => grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key);

    /// <summary>Tells how a worker stands now.</summary>
    /// <returns>Whether the directory heard of it; else the next announcement is soon.</returns>
    public async Task<bool> TryTellAsync(WorkerDescription worker)
    {
        directory.Update(worker);
        try
        {
            await Directory.AnnounceAsync(worker);
            return true;
        }
        catch (Exception e)
        {
            LogDirectoryUnreachable(e);
            return false;
        }
    }

    /// <summary>Tells that a worker leaves; where that cannot be told, its announcement expires by itself.</summary>
    public async Task WithdrawAsync(DeviceWorker worker)
    {
        try
        {
            await Directory.WithdrawAsync(worker.Id, worker.Epoch);
        }
        catch (Exception e)
        {
            LogDirectoryUnreachable(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The worker directory cannot be reached.")]
    private partial void LogDirectoryUnreachable(Exception failure);
}
