using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Beamline.Cluster.Tests.Processes;
using Beamline.ServiceDefaults.Networking;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>A model comes to a running cluster of two silos, moves between them and goes, and no stream notices.</summary>
public sealed class ModelsTests(ITestOutputHelper output)
{
    private const string Model = "tales@int8";
    private const int Streams = 6;
    [Fact]
    public async Task AModelLoadedAtRunTime_ServesUnderLoad_WhileItMovesBetweenSilos_SameBytes()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        using TemporaryFolder cache = new();
        int port = FreePort.On(IPAddress.Loopback);
        Dictionary<string, string> common = new() { ["Beamline:Cache:CacheFolder"] = cache.Path };
        await using ServerProcess first = await ServerProcess.StartAsync(
            new Dictionary<string, string>(common)
            {
                ["Beamline:Cluster:SiloPort"] = $"{port}", ["Beamline:Cluster:SiloName"] = "silo1",
            },
            limit.Token);
        await using ServerProcess second = await ServerProcess.StartAsync(
            new Dictionary<string, string>(common)
            {
                ["Beamline:Cluster:PrimarySilo"] = $"127.0.0.1:{port}", ["Beamline:Cluster:SiloName"] = "silo2",
            },
            limit.Token);
        await second.ReadyAsync(limit.Token);
        (await StatusAsync(second, limit.Token)).ShouldBe(HttpStatusCode.NotFound);

        // The default model is under load all the time: loading another one beside it must not disturb it.
        Load beside = await Load.StartAsync(() => second, Streams, tokens: 60, limit.Token);
        Load? load = null;
        try
        {
            (await ChangeAsync(first, "load", "silo2/cpu:0", limit.Token)).ShouldBe(["silo2/cpu:0"]);
            load = await Load.StartAsync(() => first, Streams, tokens: 60, limit.Token, Model);
            (await ChangeAsync(second, "load", "silo1/cpu:0", limit.Token)).ShouldBe(["silo1/cpu:0", "silo2/cpu:0"]);
            await load.EndAsync(Streams);
            (await ChangeAsync(first, "unload", "silo2/cpu:0", limit.Token)).ShouldBe(["silo1/cpu:0"]);
            await load.EndAsync(Streams);
            (await ChangeAsync(first, "load", "silo2/cpu:0", limit.Token)).ShouldBe(["silo1/cpu:0", "silo2/cpu:0"]);
            (await ChangeAsync(first, "unload", "silo1/cpu:0", limit.Token)).ShouldBe(["silo2/cpu:0"]);
            await load.EndAsync(Streams);
            await load.StopAsync();
            await beside.StopAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}\n{first.Process.Output}\n{second.Process.Output}", e);
        }
        output.WriteLine($"{load.Ended} streams of {Model}, longest pause {load.LongestPause}");
        output.WriteLine($"{beside.Ended} streams beside it, longest pause {beside.LongestPause}");

        (await ChangeAsync(first, "unload", null, limit.Token)).ShouldBeEmpty();
        (await StatusAsync(first, limit.Token)).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(second, limit.Token)).ShouldBe(HttpStatusCode.NotFound);
    }

    /// <summary>A model of 124 million weights comes and goes: what it took is free again.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task AModelThatIsUnloaded_GivesItsMemoryBack()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the system tells what a process takes in another way");
        CancellationToken token = TestContext.Current.CancellationToken;
        using TemporaryFolder folder = new();
        RandomGpt2.Small.Write(folder.PathOf("models", "small"));
        RandomGpt2.Tiny.Write(folder.PathOf("models", "tiny"));
        await using ServerProcess server = await ServerProcess.StartAsync(
            new Dictionary<string, string>
            {
                ["Beamline:Cache:CacheFolder"] = folder.PathOf("cache"), ["Beamline:Cache:EmbeddedFolder"] = folder.PathOf("models"),
                ["Beamline:Workers:Models:0"] = "tiny",
            },
            token);
        long before = 0, least = long.MaxValue, after = 0;
        for (int round = 0; round < 4; round++)
        {
            await ChangeAsync(server, "load", null, token, "small");
            await server.CompleteAsync(new { model = "small", prompt = "a b c", max_tokens = 32 }, token);
            least = long.Min(least, PrivateBytes(server));
            await ChangeAsync(server, "unload", null, token, "small");
            after = PrivateBytes(server);
            if (round == 0) before = after;         // what the first use of everything leaves is not the model's
            output.WriteLine($"loaded {least >> 20} MiB at least, then {after >> 20} MiB");
        }
        const long weights = 200L << 20;            // of 340 MiB in matrices; embeddings stay in the mapped file
        (least - after).ShouldBeGreaterThan(weights);
        (after - before).ShouldBeLessThan(weights / 3);
    }

    private static long PrivateBytes(ServerProcess server)
    {
        string[] lines = File.ReadAllLines($"/proc/{server.Process.Id}/status");
        string own = lines.Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(own.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    private static async Task<HttpStatusCode> StatusAsync(ServerProcess entry, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await entry.Http.PostAsJsonAsync(
            "/v1/completions", new { model = Model, prompt = "Once", max_tokens = 1 }, cancellationToken);
        return answer.StatusCode;
    }

    /// <summary>Loads or unloads the model; returns who serves it then.</summary>
    private static async Task<string[]> ChangeAsync(
        ServerProcess entry, string change, string? worker, CancellationToken cancellationToken, string model = Model)
    {
        string[]? workers = worker is null ? null : [worker];
        using HttpResponseMessage answer = await entry.Http.PostAsJsonAsync(
            $"/v1/models/{model}/{change}", new { workers }, cancellationToken);
        JsonElement json = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{json}\n{entry.Process.Output}");
        return [.. json.GetProperty("served_by").EnumerateArray().Select(id => id.GetString()!)];
    }
}
