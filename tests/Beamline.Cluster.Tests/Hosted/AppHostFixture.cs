using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Beamline.Cluster.Tests.Hosted;

/// <summary>The application that the AppHost describes, running, for all tests of a class.</summary>
public sealed class AppHostFixture : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private DistributedApplication? _app;

    /// <summary>The application; started.</summary>
    public DistributedApplication App => _app ?? throw new InvalidOperationException("The application has not started.");

    public async ValueTask InitializeAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        IDistributedApplicationTestingBuilder builder =
            await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([], limit.Token);
        builder.Services.AddLogging(logging => logging
            .AddFilter("AppHost", LogLevel.Warning)
            .AddFilter("Aspire", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        foreach (ProjectResource project in builder.Resources.OfType<ProjectResource>())
        {
            // No dashboard runs in tests; exporting to nowhere would hold up each process' end.
            builder.CreateResourceBuilder(project).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", "")
                // Servers of other tests run beside these.
                .WithEnvironment("Beamline__Workers__ExclusiveDevices", "false");
        }
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is null) return;
        // Processes end before the store does, so that they can leave the cluster.
        foreach (string resource in new[] { "gateway", "worker1", "worker2", "store" })
        {
            await _app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand);
        }
        await _app.DisposeAsync();
    }
}
