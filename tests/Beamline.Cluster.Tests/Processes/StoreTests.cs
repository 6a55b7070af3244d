using System.Net;
using System.Text.Json;
using Beamline.ServiceDefaults.Networking;
using Beamline.Store;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>Silos that find each other through the embedded store: none of them is special.</summary>
public sealed class StoreTests
{
    [Fact]
    public async Task SilosOverAStore_ServeARequest_WhereverItEnters()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        int port = FreePort.On(IPAddress.Loopback);
        using TemporaryFolder data = new();
        await using ServerProcess store = await ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Beamline:Store:Port"] = $"{port}", ["Beamline:Store:DataFolder"] = data.Path },
            limit.Token,
            program: typeof(StoreProcess));
        Dictionary<string, string> joins = new()
        {
            ["Beamline:Cluster:Provider"] = "Redis",
            ["Beamline:Cluster:ConnectionString"] = $"127.0.0.1:{port}",
            ["Beamline:Cluster:Address"] = "127.0.0.1",
        };
        await using ServerProcess without = await ServerProcess.StartAsync(
            new Dictionary<string, string>(joins) { ["Beamline:Workers:Enabled"] = "false" }, limit.Token);
        await using ServerProcess worker = await ServerProcess.StartAsync(joins, limit.Token);
        await using ServerProcess gateway = await ServerProcess.StartAsync(
            new Dictionary<string, string>(joins) { ["Beamline:Cluster:Role"] = "Gateway" }, limit.Token);

        object request = new { prompt = "Once upon a time", max_tokens = 8, do_sample = false, return_token_ids = true };
        List<string> answers = [];
        foreach (ServerProcess entry in new[] { without, worker, gateway })
        {
            await entry.ReadyAsync(limit.Token);
            JsonElement choice = await entry.CompleteAsync(request, limit.Token);
            answers.Add(choice.GetRawText());
        }
        answers.Distinct().ShouldHaveSingleItem();
    }
}
