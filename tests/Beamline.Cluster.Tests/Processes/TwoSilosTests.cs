using System.Net;
using System.Text.Json;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>Two silos in two processes: the first has the worker, a request enters at the second.</summary>
public sealed class TwoSilosTests
{
    private static readonly object Request =
        new { prompt = "Once upon a time", max_tokens = 12, do_sample = false, return_token_ids = true };

    [Fact]
    public async Task ARequest_ThatEntersWhereNoWorkerIs_GivesTheSameStory()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        int port = FreePort.On(IPAddress.Loopback);
        await using ServerProcess first = await ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Beamline:Cluster:SiloPort"] = $"{port}" }, limit.Token);
        await using ServerProcess second = await ServerProcess.StartAsync(
            new Dictionary<string, string>
            {
                ["Beamline:Cluster:PrimarySilo"] = $"127.0.0.1:{port}", ["Beamline:Workers:Enabled"] = "false",
            },
            limit.Token);
        await second.ReadyAsync(limit.Token);

        JsonElement there = await second.CompleteAsync(Request, limit.Token);
        there.GetProperty("token_ids").GetArrayLength().ShouldBe(12);
        there.GetRawText().ShouldBe((await first.CompleteAsync(Request, limit.Token)).GetRawText());
        (await second.Process.StopAsync(limit.Token)).ShouldBe(ExitCode.Success);
        (await first.Process.StopAsync(limit.Token)).ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task AGateway_WithoutGrains_ServesTheSiloBehindIt()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        int port = FreePort.On(IPAddress.Loopback);
        await using ServerProcess silo = await ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Beamline:Cluster:Role"] = "Silo", ["Beamline:Cluster:GatewayPort"] = $"{port}" },
            limit.Token);
        await using ServerProcess gateway = await ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Beamline:Cluster:Role"] = "Gateway", ["Beamline:Cluster:Gateways:0"] = $"127.0.0.1:{port}" },
            limit.Token);
        await gateway.ReadyAsync(limit.Token);

        (await gateway.CompleteAsync(Request, limit.Token)).GetProperty("token_ids").GetArrayLength().ShouldBe(12);
        (await silo.Http.GetAsync("/v1/models", limit.Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task AServer_WritesNothingIntoTheUsersFolders_ButItsCache()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        using TemporaryFolder home = new();
        await using ServerProcess server = await ServerProcess.StartAsync(
            new Dictionary<string, string>(),
            limit.Token,
            new Dictionary<string, string?> { ["HOME"] = home.Path, ["XDG_CACHE_HOME"] = null, ["XDG_DATA_HOME"] = null, ["CI"] = null });
        await server.ReadyAsync(limit.Token);
        await server.CompleteAsync(Request, limit.Token);
        await server.Process.StopAsync(limit.Token);

        string[] files = Directory.GetFiles(home.Path, "*", SearchOption.AllDirectories);
        files.ShouldNotBeEmpty();
        files.Select(file => Path.GetRelativePath(home.Path, file)).ShouldAllBe(file => file.Contains("beamline"));
    }
}
