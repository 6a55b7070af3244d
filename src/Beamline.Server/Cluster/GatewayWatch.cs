using Beamline.Client.Resilience;
using Beamline.Server.Cluster.Settings;
using Microsoft.Extensions.Options;
using Orleans.Messaging;

namespace Beamline.Server.Cluster;

/// <summary>Reads, in a process without a silo, which silos there are, and raises the signal when one of them is gone.</summary>
internal sealed partial class GatewayWatch(
    IGatewayListProvider gateways, LossSignal losses, IOptions<ClusterSettings> options, TimeProvider time, ILogger<GatewayWatch> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(options.Value.Detection.GatewayRefresh, time);
        HashSet<Uri> known = [];
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                IList<Uri> now = await gateways.GetGateways();
                known.ExceptWith(now);
                if (known.Count > 0) losses.Raise();
                known = [.. now];
            }
            catch (Exception e)
            {
                // The store is away: who is there now shows when it is back.
                LogUnreadable(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "The list of gateways cannot be read.")]
    private partial void LogUnreadable(Exception failure);
}
