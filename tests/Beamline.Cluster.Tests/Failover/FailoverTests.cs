using System.Diagnostics;
using System.Globalization;
using Beamline.Cluster.Tests.Processes;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>What dies is a pause for the reader: no gap, no repeat, and the bytes of a run that nothing disturbed.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const int Streams = 8;
    /// <summary>For a pause as short as can be had where six processes share two cores and are alive all the same.</summary>
    private static readonly Dictionary<string, string> FastDetection = new()
    {
        ["Beamline:Cluster:Detection:ProbeTimeout"] = "00:00:00.5",
        ["Beamline:Cluster:Detection:GatewayRefresh"] = "00:00:00.5",
    };

    [Fact]
    public async Task WorkerSiloKilled_EveryStreamGoesOn_SameBytes()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        await CompareAsync(cluster, "gateway1", () => cluster.KillAsync("silo2"), limit.Token);
    }

    [Fact]
    public async Task WorkerSiloHangs_EveryStreamGoesOn_AndWhatWakesUpLeaves()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        TestProcess hung = cluster["silo2"].Process;
        await CompareAsync(cluster, "gateway1", () => Task.Run(hung.Freeze), limit.Token);
        hung.Thaw();
        await hung.Exited.WaitAsync(limit.Token);       // it reads in the table that the others took it for dead
    }

    [Fact]
    public async Task GatewayKilled_TheSameRequestsAtAnother_GoOnWithTheSameBytes()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "gateway1", "gateway2"], limit.Token);
        Stream[] expected = Start(cluster["gateway1"], limit.Token);
        await Task.WhenAll(expected.Select(stream => stream.Ended));

        Stream[] broken = Start(cluster["gateway1"], limit.Token, "again-");
        await broken[0].Flowing.WaitAsync(limit.Token);
        await cluster.KillAsync("gateway1");
        Stream[] actual = Start(cluster["gateway2"], limit.Token, "again-");
        await Task.WhenAll(actual.Select(stream => stream.Ended));
        actual.Select(stream => stream.Text).ShouldBe(expected.Select(stream => stream.Text));
    }

    [Fact]
    public async Task StoreAway_RunningStreamsEnd_AndComesBack_NewOnesToo()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        await CompareAsync(cluster, "gateway1", () => cluster.KillAsync("store"), limit.Token);
        await cluster.StartStoreAsync(limit.Token);
        await CompareAsync(cluster, "gateway1", () => cluster.KillAsync("silo2"), limit.Token);
    }

    [Fact]
    public async Task SiloKilledWhileTheStoreIsAway_EveryStreamGoesOnOnceItIsBack_SameBytes()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        await CompareAsync(
            cluster,
            "gateway1",
            async () =>
            {
                await cluster.KillAsync("store");
                await cluster.KillAsync("silo2");
                await cluster.StartStoreAsync(limit.Token);
            },
            limit.Token);
    }

    /// <summary>Each silo in turn is told to leave and is started again, while streams keep coming.</summary>
    [Fact]
    public Task RollingRestart_NoStreamFails_SameBytes() => RestartAllAsync(silos: 2, Streams);

    [Fact]
    [Trait("Category", "Long")]
    public Task RollingRestartOfFour_NoStreamFails_SameBytes() => RestartAllAsync(silos: 4, streams: 32);

    private async Task RestartAllAsync(int silos, int streams)
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        string[] names = [.. Enumerable.Range(1, silos).Select(i => $"silo{i}")];
        await using StoreCluster cluster = await StoreCluster.StartAsync([.. names, "gateway1"], limit.Token);
        Load load = await Load.StartAsync(() => cluster["gateway1"], streams, tokens: 100, limit.Token);
        try
        {
            foreach (string name in names)
            {
                await load.EndAsync(streams);
                (await cluster[name].Process.StopAsync(limit.Token)).ShouldBe(ExitCode.Success, cluster[name].Process.Output);
                await cluster.StartAsync(name, limit.Token);
                await cluster[name].ReadyAsync(limit.Token);
            }
            await load.EndAsync(streams);
            await load.StopAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}\n{cluster.Output}", e);
        }
        output.WriteLine($"{load.Ended} streams, longest pause {load.LongestPause}");
    }

    /// <summary>
    /// Kills a random silo of four, starts it again, and so on, under 64 streams. <c>BEAMLINE_CHAOS_KILLS</c> says how often; default 100.
    /// </summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task RandomKills_NoStreamFails_SameBytes()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("BEAMLINE_CHAOS_KILLS") ?? "100", CultureInfo.InvariantCulture);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        CancellationToken token = TestContext.Current.CancellationToken;
        string[] silos = ["silo1", "silo2", "silo3", "silo4"];
        await using StoreCluster cluster = await StoreCluster.StartAsync([.. silos, "gateway1"], token, _ => FastDetection);
        Load load = await Load.StartAsync(() => cluster["gateway1"], streams: 64, tokens: 100, token);
        int kill = 0;
        List<(TimeSpan At, string What)> events = [];
        long begin = Stopwatch.GetTimestamp();
        try
        {
            for (; kill < kills; kill++)
            {
                string name = silos[random.Next(silos.Length)];
                events.Add((Stopwatch.GetElapsedTime(begin), $"{name} killed"));
                await cluster.KillAsync(name);
                await cluster.StartAsync(name, token);
                events.Add((Stopwatch.GetElapsedTime(begin), $"{name} started"));
                await load.EndAsync(random.Next(1, 32));
            }
            await load.StopAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Seed {seed}, kill {kill}: {e.Message}\n{cluster.Output}", e);
        }
        foreach ((TimeSpan length, long end, int number) in load.Pauses.OrderByDescending(pause => pause.Length).Take(10))
        {
            TimeSpan to = Stopwatch.GetElapsedTime(begin, end), from = to - length;
            IEnumerable<string> meanwhile = events
                .Where(e => e.At > from - TimeSpan.FromSeconds(1) && e.At < to)
                .Select(e => $"{e.What} at {e.At}");
            output.WriteLine($"{length}: request {number}, {from} to {to}; {string.Join(", ", meanwhile)}");
        }
        output.WriteLine($"{kills} kills, {load.Ended} streams, longest pause {load.LongestPause}, seed {seed}");
    }

    /// <summary>Runs the same requests undisturbed and disturbed.</summary>
    private async Task CompareAsync(StoreCluster cluster, string gateway, Func<Task> disturb, CancellationToken cancellationToken)
    {
        ServerProcess entry = cluster[gateway];
        Stream[] expected = Start(entry, cancellationToken);
        await Task.WhenAll(expected.Select(stream => stream.Ended));

        Stream[] actual = Start(entry, cancellationToken);
        await Task.WhenAll(actual.Take(3).Select(stream => stream.Flowing)).WaitAsync(cancellationToken);
        await disturb();
        try
        {
            await Task.WhenAll(actual.Select(stream => stream.Ended));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\n{cluster.Output}", e);
        }
        output.WriteLine($"longest pause undisturbed {expected.Max(s => s.LongestPause)}, disturbed {actual.Max(s => s.LongestPause)}");
        actual.Select(stream => stream.Text).ShouldBe(expected.Select(stream => stream.Text));
    }

    private static Stream[] Start(ServerProcess entry, CancellationToken cancellationToken, string? ids = null) =>
        [.. Enumerable.Range(0, Streams).Select(i => Stream.Start(
            entry.Http, Requests.Of(i), cancellationToken, ids is null ? null : $"{ids}{i}"))];
}
