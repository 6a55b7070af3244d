using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Beamline.Server.Cluster.Contracts;

/// <summary>
/// Holds a silo that starts until it has heard from every silo that is there, and refuses the start when one has other contracts: before
/// it is active, so that no grain is ever placed on it.
/// </summary>
internal sealed class ContractsGate(
    IClusterManifestProvider manifests,
    IMembershipTable table,
    ILocalSiloDetails silo,
    ContractsVersion own,
    IOptions<ClusterSettings> settings,
    IOptions<ClusterOptions> cluster,
    TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ContractsGate), ServiceLifecycleStage.BecomeActive - 1, CheckAsync, _ => Task.CompletedTask);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        // A silo that has died counts as there for two intervals.
        TimeSpan limit = Longer(settings.Value.StartTimeout, 2 * settings.Value.Detection.AliveInterval);
        long start = time.GetTimestamp();
        while (true)
        {
            List<SiloAddress> others = await ReadOthersAsync(cancellationToken);
            // After the reading: a silo that was active then has shown its contracts, or is waited for.
            ClusterManifest now = manifests.Current;
            if (ForeignSilo.Find(now, own).FirstOrDefault() is { } foreign) throw foreign.Refusal(own, cluster.Value.ClusterId);
            List<SiloAddress> silent = [.. others.Where(other => !now.Silos.ContainsKey(other))];
            if (silent.Count == 0) return;
            if (time.GetElapsedTime(start) > limit)
            {
                throw new StartException(
                    [$"The silo at {silent[0].Endpoint} has not shown its contracts within {limit}; "
                        + "look whether its ports can be reached from here"]);
            }
            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // Those that were lost with the whole cluster still count as active until somebody finds out; they no longer write that they live.
    private async Task<List<SiloAddress>> ReadOthersAsync(CancellationToken cancellationToken)
    {
        MembershipTableData data = await table.ReadAllAsync(cancellationToken);
        DateTime alive = time.GetUtcNow().UtcDateTime - 2 * settings.Value.Detection.AliveInterval;
        return
        [
            .. data.Members.Select(member => member.Item1)
                .Where(entry => entry.Status == SiloStatus.Active && !entry.SiloAddress.Equals(silo.SiloAddress))
                .Where(entry => entry.IAmAliveTime > alive || entry.StartTime > alive)
                .Select(entry => entry.SiloAddress),
        ];
    }
}
