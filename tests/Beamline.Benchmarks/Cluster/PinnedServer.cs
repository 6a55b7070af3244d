using System.Net;
using System.Text.Json;
using Beamline.ServiceDefaults.Networking;
using Beamline.Testing;

namespace Beamline.Benchmarks.Cluster;

/// <summary>A <c>beamline serve</c> that has one core and one engine thread.</summary>
internal sealed class PinnedServer : IAsyncDisposable
{
    private const string Started = "Application started.";
    private readonly TestProcess _process;
    private readonly string _url;
    private readonly string _model;

    private PinnedServer(TestProcess process, string url, string model)
    {
        _process = process;
        _url = url;
        _model = model;
    }

    /// <summary>Starts one and waits until it takes work.</summary>
    /// <param name="core">The core it runs on.</param>
    /// <param name="model">The model, by a name or path of its settings.</param>
    /// <param name="settings">What makes it a silo or a gateway.</param>
    public static async Task<PinnedServer> StartAsync(int core, string model, params string[] settings)
    {
        string url = $"http://127.0.0.1:{FreePort.On(IPAddress.Loopback)}";
        string[] common =
        [
            "serve", "--urls", url, "--", $"--Beamline:Workers:Models:0={model}", "--Beamline:Workers:Engine:Threads=1",
            $"--Beamline:Workers:Devices:0=cpu:{core}", "--Beamline:Workers:ExclusiveDevices=false",
        ];
        TestProcess process = Start(core, [.. common, .. settings]);
        try
        {
            await process.LineAsync(line => line.Contains(Started, StringComparison.Ordinal), CancellationToken.None);
            await UntilReadyAsync(url, process);
            return new(process, url, model);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a closed load on it: as many requests of the same length as fit the clients, again and again.</summary>
    /// <param name="core">The core of the load.</param>
    /// <param name="load">What to send.</param>
    /// <returns>Tokens it brought, and how long that took.</returns>
    public async Task<(double Tokens, double Seconds)> MeasureAsync(int core, ClusterLoad load)
    {
        await using TestProcess clients = Start(
            core,
            [
                "bench", "serve", "--url", _url, "--requests", $"{load.Requests}", "--clients", $"{load.Clients}",
                "--min-tokens", $"{load.Tokens}", "--max-tokens", $"{load.Tokens}", "--json",
            ]);
        await clients.Exited;
        string? report = clients.Output.Split(Environment.NewLine).LastOrDefault(line => line.StartsWith('{'));
        if (clients.ExitCode != 0 || report is null) throw new InvalidOperationException(clients.Output);
        JsonElement figures = JsonDocument.Parse(report).RootElement;
        int failed = figures.GetProperty("failed").GetInt32();
        if (failed > 0) throw new InvalidOperationException($"{failed} requests failed. The server of {_model} wrote:\n{_process.Output}");
        double seconds = figures.GetProperty("seconds").GetDouble();
        return (figures.GetProperty("tokens_per_second").GetDouble() * seconds, seconds);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(CancellationToken.None);
        await _process.DisposeAsync();
    }

    private static TestProcess Start(int core, string[] arguments) => TestProcess.Start(
        "taskset", ["--cpu-list", $"{core}", "dotnet", Path.Combine(AppContext.BaseDirectory, "beamline.dll"), .. arguments]);

    private static async Task UntilReadyAsync(string url, TestProcess process)
    {
        using HttpClient http = new() { BaseAddress = new(url) };
        using PeriodicTimer next = new(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using HttpResponseMessage answer = await http.GetAsync("/health/ready");
            if (answer.IsSuccessStatusCode) return;
            if (process.Exited.IsCompleted) throw new InvalidOperationException(process.Output);
            await next.WaitForNextTickAsync();
        }
    }
}
