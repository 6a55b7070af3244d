using Beamline.Client;
using Beamline.Grains.Workers;
using Beamline.Server.Cluster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Beamline.Cli.Backends;

/// <summary>A cluster of one silo in this process: nothing listens for HTTP, nothing is logged.</summary>
internal sealed class LocalCluster : ICluster
{
    private readonly IHost _host;

    private LocalCluster(IHost host)
    {
        _host = host;
        Client = host.Services.GetRequiredService<BeamlineClient>();
    }

    /// <inheritdoc/>
    public BeamlineClient Client { get; }

    /// <summary>Starts it.</summary>
    /// <param name="model">The model it serves.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<LocalCluster> StartAsync(string model, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{WorkerOptions.Section}:{nameof(WorkerOptions.Models)}:0"] = model,
            [$"{WorkerOptions.Section}:{nameof(WorkerOptions.ExclusiveDevices)}"] = "false",
        });
        builder.AddBeamlineCluster();
        builder.Services.AddBeamlineClient();
        IHost host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new LocalCluster(host);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
