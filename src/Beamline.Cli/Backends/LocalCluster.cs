using Beamline.Abstractions.Errors;
using Beamline.Client;
using Beamline.Grains.Workers;
using Beamline.Models.Catalogue;
using Beamline.Server.Cluster;
using Beamline.ServiceDefaults.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Beamline.Cli.Backends;

/// <summary>
/// A cluster of one silo in this process. It answers no HTTP, logs nothing and reads no settings but the ones given here.
/// </summary>
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

    /// <summary>Starts it; a model that was never used before is imported now.</summary>
    /// <param name="catalogue">Where the model is found.</param>
    /// <param name="model">The model it serves.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="BeamlineException">Unknown or damaged model, no place for its cache.</exception>
    public static async Task<LocalCluster> StartAsync(ModelCatalogue catalogue, string model, CancellationToken cancellationToken)
    {
        IHost host = Build(catalogue, model);
        Task start = ProcessHost.StartAsync(host, cancellationToken);
        try
        {
            // An interrupted start is left where it is: nobody else knows of it, and the process ends now.
            await start.WaitAsync(cancellationToken);
            return new LocalCluster(host);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            host.Dispose();
            throw failure is AggregateException several && several.InnerExceptions.OfType<BeamlineException>().FirstOrDefault() is { } typed
                ? new BeamlineException(typed.Error, failure)
                : failure;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static IHost Build(ModelCatalogue catalogue, string model)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{WorkerOptions.Section}:{nameof(WorkerOptions.Models)}:0"] = model,
            // Whoever generates beside a server shares the processor with it, as any other program does.
            [$"{WorkerOptions.Section}:{nameof(WorkerOptions.ExclusiveDevices)}"] = bool.FalseString,
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(catalogue);
        builder.AddBeamlineCluster();
        builder.Services.AddBeamlineClient();
        return builder.Build();
    }

    /// <summary>The host's own one would take Ctrl-C for itself.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
