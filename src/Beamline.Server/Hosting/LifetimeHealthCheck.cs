using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Beamline.Server.Hosting;

/// <summary>A process is ready from the moment it has started until it is told to stop.</summary>
internal sealed class LifetimeHealthCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(State());

    private HealthCheckResult State() =>
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("stopping")
        : lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Healthy("started")
        : HealthCheckResult.Unhealthy("starting");
}
