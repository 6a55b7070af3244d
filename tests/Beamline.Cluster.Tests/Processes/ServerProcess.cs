using System.Net.Http.Json;
using System.Text.Json;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Health;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>A server in a process of its own, on ports that the system chose.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private const string Started = "Application started.";
    private const string Exclusive = "Beamline:Workers:ExclusiveDevices";

    private ServerProcess(TestProcess process, Uri address)
    {
        Process = process;
        Http = new() { BaseAddress = address };
    }

    /// <summary>The process.</summary>
    public TestProcess Process { get; }

    /// <summary>A client of it.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts a server and waits until it says that it has started.</summary>
    /// <param name="settings">Names and values, without the dashes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="program">A type of the program to start; null is the server.</param>
    public static async Task<ServerProcess> StartAsync(
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string?>? environment = null,
        Type? program = null)
    {
        IEnumerable<string> arguments = settings.SelectMany(setting => new[] { $"--{setting.Key}", setting.Value });
        // Tests run side by side, and so do their servers; who wants the device alone says so.
        if (program is null && !settings.ContainsKey(Exclusive)) arguments = [.. arguments, $"--{Exclusive}", "false"];
        TestProcess process = TestProcess.Start(
            program ?? typeof(BeamlineServer), ["--urls", "http://127.0.0.1:0", .. arguments], environment);
        try
        {
            string line = await process.LineAsync(text => text.Contains(Listening, StringComparison.Ordinal), cancellationToken);
            await process.LineAsync(text => text.Contains(Started, StringComparison.Ordinal), cancellationToken);
            return new(process, new(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it takes work.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        string answer = "";
        using PeriodicTimer next = new(TimeSpan.FromMilliseconds(100));
        try
        {
            do
            {
                using HttpResponseMessage response = await Http.GetAsync(HealthEndpoints.Ready, cancellationToken);
                if (response.IsSuccessStatusCode) return;
                answer = await response.Content.ReadAsStringAsync(cancellationToken);
            }
            while (await next.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The server was not ready: {answer}. It wrote:\n{Process.Output}", e);
        }
    }

    /// <summary>Sends a completion and returns its first choice.</summary>
    public async Task<JsonElement> CompleteAsync(object body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/v1/completions", body, cancellationToken);
        JsonElement json = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{json}\n{Process.Output}");
        return json.GetProperty("choices")[0];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }
}
