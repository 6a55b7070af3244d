using System.Net;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Garnet;
using Microsoft.Extensions.Options;

namespace Beamline.Store;

/// <summary>Runs Garnet from the host's start to its end.</summary>
internal sealed partial class StoreService(IOptions<StoreSettings> options, ILoggerFactory loggers, ILogger<StoreService> logger)
    : IHostedService, IDisposable
{
    private GarnetServer? _server;
    private DataFolder? _folder;

    /// <summary>Where it listens; null before the start.</summary>
    public IPEndPoint? Endpoint { get; private set; }

    /// <summary>Where it writes; null while it is not running.</summary>
    public string? Folder => _folder?.Path;

    /// <inheritdoc/>
    /// <exception cref="StartException">The port is taken, or the folder cannot be used.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        StoreSettings settings = options.Value;
        IPAddress address = IPAddress.Parse(settings.Address);
        int port = settings.Port != 0 ? settings.Port : FreePort.On(address);
        if (FreePort.IsTaken(address, port))
        {
            string name = $"{StoreSettings.Section}:{nameof(settings.Port)}";
            throw new StartException([$"{name} is {port}, which another process listens on; allowed: a free port, or 0 for any"]);
        }
        _folder = OpenFolder(settings);
        _server = new(GarnetArguments.Of(settings, port, _folder.Path), loggers);
        _server.Start();
        Endpoint = new(address, port);
        LogStarted(Endpoint, _folder.Path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Stops Garnet, then removes a temporary folder.</summary>
    public void Dispose()
    {
        _server?.Dispose();
        _server = null;
        _folder?.Dispose();
        _folder = null;
    }

    private static DataFolder OpenFolder(StoreSettings settings)
    {
        try
        {
            return DataFolder.Open(settings.DataFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException([$"{StoreSettings.Section}:{nameof(settings.DataFolder)} cannot be used: {e.Message}"], e);
        }
    }

    [LoggerMessage(LogLevel.Information, "The store listens on {Endpoint} and writes to {Folder}.")]
    private partial void LogStarted(IPEndPoint endpoint, string folder);
}
