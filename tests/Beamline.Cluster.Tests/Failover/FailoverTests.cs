using Beamline.Cluster.Tests.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>What dies is a pause for the reader: no gap, no repeat, and the bytes of a run that nothing disturbed.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const int Streams = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task WorkerSiloKilled_EveryStreamGoesOn_SameBytes()
    {
        using CancellationTokenSource limit = Limited();
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        await CompareAsync(cluster, "gateway1", () => cluster.KillAsync("silo2"), limit.Token);
    }

    [Fact]
    public async Task WorkerSiloHangs_EveryStreamGoesOn_AndWhatWakesUpLeaves()
    {
        using CancellationTokenSource limit = Limited();
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        TestProcess hung = cluster["silo2"].Process;
        await CompareAsync(cluster, "gateway1", () => Task.Run(hung.Freeze), limit.Token);
        hung.Thaw();
        await hung.Exited.WaitAsync(limit.Token);       // it reads in the table that the others took it for dead
    }

    [Fact]
    public async Task GatewayKilled_TheSameRequestsAtAnother_GoOnWithTheSameBytes()
    {
        using CancellationTokenSource limit = Limited();
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
        using CancellationTokenSource limit = Limited();
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1", "silo2", "gateway1"], limit.Token);
        await CompareAsync(cluster, "gateway1", () => cluster.KillAsync("store"), limit.Token);
        await cluster.StartStoreAsync(limit.Token);
        await CompareAsync(cluster, "gateway1", () => cluster.KillAsync("silo2"), limit.Token);
    }

    private static CancellationTokenSource Limited()
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        return limit;
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
