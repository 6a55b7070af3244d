using Beamline.Server.Cluster.Contracts;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beamline.Cluster.Tests.Contracts;

/// <summary>A server of a build with other contracts, run in this process as a process of its own would run it.</summary>
internal sealed class OtherBuild : IAsyncDisposable
{
    /// <summary>The version that such builds show.</summary>
    public const string Version = "0123456789abcdef";

    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _errors = new() { NewLine = "\n" };
    private readonly LogLines _log = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private OtherBuild(Dictionary<string, string> settings) => Ended = Task.Run(() => ProcessHost.RunAsync(
        "beamline", () => Build(settings), _errors, BeamlineServer.CheckAsync, _stop.Token));

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>What it wrote for its operator.</summary>
    public string Errors => _errors.ToString();

    /// <summary>Warnings and errors of its log.</summary>
    public string[] Alarms => _log.Alarms;

    /// <summary>Begins to run one, without workers.</summary>
    public static OtherBuild Run(Dictionary<string, string> settings) =>
        new(new(settings) { ["Beamline:Workers:Enabled"] = "false", ["urls"] = "http://127.0.0.1:0" });

    /// <summary>Waits until it has started.</summary>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(_started.Task, Ended).WaitAsync(cancellationToken) == _started.Task) return;
        throw new InvalidOperationException($"It ended with {await Ended}: {Errors}\n{string.Join('\n', Alarms)}");
    }

    /// <summary>Stops it if it still runs, as SIGTERM does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync();
        await Ended;
        _stop.Dispose();
        await _errors.DisposeAsync();
    }

    private WebApplication Build(Dictionary<string, string> settings)
    {
        WebApplication app = BeamlineServer.Build(
            [.. settings.SelectMany(pair => new[] { $"--{pair.Key}", pair.Value })],
            builder =>
            {
                builder.Services.AddSingleton(new ContractsVersion(Version));
                builder.Logging.ClearProviders().AddProvider(_log);
            });
        app.Lifetime.ApplicationStarted.Register(_started.SetResult);
        return app;
    }
}
