using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Orleans.Runtime;

namespace Beamline.Server.Cluster;

/// <summary>Lets a client of silos wait for the first of them, a bounded time.</summary>
internal sealed class StartRetryFilter(TimeSpan limit, TimeProvider time) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);
    private readonly long _start = time.GetTimestamp();

    /// <inheritdoc/>
    /// <exception cref="StartException">The time is over.</exception>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_start) > limit)
        {
            throw new StartException(
                [$"No silo of the cluster answered within {limit}; start one, or look at {ClusterSettings.Section}"], exception);
        }
        await Task.Delay(RetryDelay, time, cancellationToken);
        return true;
    }
}
