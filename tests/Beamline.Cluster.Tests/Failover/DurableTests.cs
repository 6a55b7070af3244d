using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Beamline.Cluster.Tests.Processes;
using Beamline.ServiceDefaults.Networking;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>Durable requests in real processes: nothing that dies loses them.</summary>
public sealed class DurableTests(ITestOutputHelper output)
{
    private static readonly object[] Kinds = [.. Enumerable.Range(0, 4).Select(i => Requests.Of(i)), Requests.Large()];
    private static readonly string[] All = ["silo1", "silo2", "gateway1"];

    private static Dictionary<string, string> Hasty(string name) =>
        name.StartsWith("gateway", StringComparison.Ordinal) ? [] : new() { ["Beamline:Durable:RestartInterval"] = "00:00:02" };

    /// <summary>New processes on other ports wait until the old ones count as dead; on the same ports they replace them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryProcessKilled_NewOnesFinishWhatWasStored_SameEvents(bool samePorts)
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 3);
        Dictionary<string, int> ports = All.ToDictionary(name => name, _ => samePorts ? FreePort.On(IPAddress.Loopback) : 0);
        await using StoreCluster cluster = await StoreCluster.StartAsync(
            All, limit.Token, name => new(Hasty(name)) { ["Beamline:Cluster:SiloPort"] = $"{ports[name]}" });
        try
        {
            HttpClient http = cluster["gateway1"].Http;
            List<string>[] expected = new List<string>[Kinds.Length];
            for (int i = 0; i < Kinds.Length; i++)
            {
                await DurableRun.StartAsync(http, $"calm:{i}", Kinds[i], limit.Token);
                expected[i] = await DurableRun.ReadAsync(http, $"calm:{i}", 0, int.MaxValue, limit.Token);
                expected[i][^1].ShouldContain("event: completed");
            }
            for (int i = 0; i < Kinds.Length; i++) await DurableRun.StartAsync(http, $"lost:{i}", Kinds[i], limit.Token);
            List<string> seen = await DurableRun.ReadAsync(http, "lost:4", 0, 8, limit.Token);
            long killed = Stopwatch.GetTimestamp();
            await Task.WhenAll(All.Select(cluster.KillAsync));

            await Task.WhenAll(All.Select(name => cluster.StartAsync(name, limit.Token)));
            TimeSpan started = Stopwatch.GetElapsedTime(killed);
            http = cluster["gateway1"].Http;
            await cluster["gateway1"].ReadyAsync(limit.Token);
            TimeSpan ready = Stopwatch.GetElapsedTime(killed);
            List<string> rest = await DurableRun.ReadAsync(http, "lost:4", seen.Count, int.MaxValue, limit.Token);
            output.WriteLine($"from the kill: started {started}, ready {ready}, read to its end {Stopwatch.GetElapsedTime(killed)}");

            seen.Concat(rest).ShouldBe(expected[4]);
            cluster.Output.ShouldContain("Durable request lost:4 starts again, the 1. time");
            for (int i = 0; i < Kinds.Length; i++)
            {
                JsonElement run = await DurableRun.EndAsync(http, $"lost:{i}", limit.Token);
                run.GetProperty("status").GetString().ShouldBe("completed");
                (await DurableRun.ReadAsync(http, $"lost:{i}", 0, int.MaxValue, limit.Token)).ShouldBe(expected[i]);
            }
            output.WriteLine($"all of them after {Stopwatch.GetElapsedTime(killed)}");

            // What has ended is there for a third generation of processes too.
            await Task.WhenAll(All.Select(cluster.KillAsync));
            await Task.WhenAll(All.Select(name => cluster.StartAsync(name, limit.Token)));
            await cluster["gateway1"].ReadyAsync(limit.Token);
            (await DurableRun.ReadAsync(cluster["gateway1"].Http, "lost:1", 5, int.MaxValue, limit.Token)).ShouldBe(expected[1][5..]);
        }
        catch (Exception e) when (e is not OperationCanceledException || !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{e.Message}\n{cluster.Output}", e);
        }
    }

    /// <summary>The silo that has the request's grain, and no worker, dies; the reader is at another one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SequenceSiloKilled_TheReaderGoesOnFromItsPosition(bool beams)
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 3);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo2", "silo1"], limit.Token, WithoutWorkerOn("silo1"));
        try
        {
            await DurableRun.StartAsync(cluster["silo2"].Http, "calm", Requests.Large(beams), limit.Token);
            List<string> expected = await DurableRun.ReadAsync(cluster["silo2"].Http, "calm", 0, int.MaxValue, limit.Token);

            // A sequence lives where its request enters.
            await DurableRun.StartAsync(cluster["silo1"].Http, "lost", Requests.Large(beams), limit.Token);
            Task<List<string>> reading = DurableRun.ReadAsync(cluster["silo2"].Http, "lost", 0, int.MaxValue, limit.Token);
            await DurableRun.ReadAsync(cluster["silo2"].Http, "lost", 0, 8, limit.Token);
            await cluster.KillAsync("silo1");
            (await reading).ShouldBe(expected);
            cluster["silo2"].Process.Output.ShouldContain("Durable request lost starts again, the 1. time");
        }
        catch (Exception e) when (e is not OperationCanceledException || !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{e.Message}\n{cluster.Output}", e);
        }
    }

    /// <summary>As above with a request that is not stored: the second caller of the same id starts it again and reads on.</summary>
    [Fact]
    public async Task SequenceSiloKilled_TheOtherCallerOfTheSameRequest_GoesOn()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 3);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo2", "silo1"], limit.Token, WithoutWorkerOn("silo1"));
        Stream calm = Stream.Start(cluster["silo2"].Http, Requests.Large(), limit.Token);
        await calm.Ended;

        Stream first = Stream.Start(cluster["silo1"].Http, Requests.Large(), limit.Token, "shared");
        await first.Flowing;
        Stream second = Stream.Start(cluster["silo2"].Http, Requests.Large(), limit.Token, "shared");
        await second.Flowing;
        await cluster.KillAsync("silo1");
        await Should.ThrowAsync<Exception>(() => first.Ended);
        await second.Ended;
        second.Text.ShouldBe(calm.Text);
    }

    [Fact]
    public async Task StoreAway_RefusesDurableRequestsOnly_AndRunningOnesAreStoredLater()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 3);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "gateway1"], limit.Token, Hasty);
        try
        {
            HttpClient http = cluster["gateway1"].Http;
            await DurableRun.StartAsync(http, "running", Requests.Large(), limit.Token);
            await cluster.KillAsync("store");
            using (HttpResponseMessage refused = await http.PostAsync(
                "/v1/completions",
                new StringContent("""{"prompt": "a", "durable": true}""", System.Text.Encoding.UTF8, "application/json"),
                limit.Token))
            {
                refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                refused.Headers.RetryAfter.ShouldNotBeNull();
            }
            await cluster["gateway1"].CompleteAsync(new { prompt = "Once", max_tokens = 4 }, limit.Token);
            (await DurableRun.EndAsync(http, "running", limit.Token)).GetProperty("status").GetString().ShouldBe("completed");
            List<string> events = await DurableRun.ReadAsync(http, "running", 0, int.MaxValue, limit.Token);

            TestProcess silo = cluster["silo1"].Process;
            await silo.LineAsync(line => line.Contains("running is not stored yet", StringComparison.Ordinal), limit.Token);
            await cluster.StartStoreAsync(limit.Token);
            await silo.LineAsync(line => line.Contains("running is stored", StringComparison.Ordinal), limit.Token);
            await cluster.KillAsync("silo1");
            await cluster.StartAsync("silo1", limit.Token);
            await cluster["gateway1"].ReadyAsync(limit.Token);
            (await DurableRun.ReadAsync(http, "running", 0, int.MaxValue, limit.Token)).ShouldBe(events);
            cluster["silo1"].Process.Output.ShouldNotContain("starts again");
        }
        catch (Exception e) when (e is not OperationCanceledException || !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{e.Message}\n{cluster.Output}", e);
        }
    }

    private static Func<string, Dictionary<string, string>> WithoutWorkerOn(string silo) =>
        name => name == silo ? new() { ["Beamline:Workers:Enabled"] = "false" } : [];
}
