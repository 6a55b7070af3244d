using Beamline.Grains.Workers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Beamline.Server.Hosting;

/// <summary>A silo is not alive any more when one of its models has not worked for too long: its supervisor starts it again.</summary>
internal sealed class EnginesHealthCheck(WorkerHealth workers) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] lost = [.. workers.BeyondRecovery];
        return Task.FromResult(lost.Length == 0
            ? HealthCheckResult.Healthy("work, or are being recovered")
            : HealthCheckResult.Unhealthy($"beyond recovery: {string.Join(", ", lost)}"));
    }
}
