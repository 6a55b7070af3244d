using Beamline.Cluster.Tests.Failover;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>A durable request whose storage and reminder are in PostgreSQL.</summary>
public sealed class PostgresTests
{
    [Fact]
    public async Task TheOnlySiloKilled_ANewOneFinishesTheRequest_SameEvents()
    {
        if (PostgresServer.Missing is { } reason) Assert.Skip(reason);
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using PostgresServer database = await PostgresServer.StartAsync(limit.Token);
        Dictionary<string, string> settings = new()
        {
            ["Beamline:Cluster:Provider"] = "Postgres",
            ["Beamline:Cluster:ConnectionString"] = database.ConnectionString,
            ["Beamline:Cluster:ApplySchema"] = "true",
            ["Beamline:Cluster:Address"] = "127.0.0.1",
            ["Beamline:Durable:RestartInterval"] = "00:00:02",
        };
        List<string> expected, seen;
        await using (ServerProcess first = await ServerProcess.StartAsync(settings, limit.Token))
        {
            await first.ReadyAsync(limit.Token);
            await DurableRun.StartAsync(first.Http, "calm:1", Requests.Large(), limit.Token);
            expected = await DurableRun.ReadAsync(first.Http, "calm:1", 0, int.MaxValue, limit.Token);
            await DurableRun.StartAsync(first.Http, "lost:1", Requests.Large(), limit.Token);
            seen = await DurableRun.ReadAsync(first.Http, "lost:1", 0, 8, limit.Token);
        }
        await using (ServerProcess second = await ServerProcess.StartAsync(settings, limit.Token))
        {
            // By its reminder: nobody asks for it.
            await second.Process.LineAsync(line => line.Contains("lost:1 starts again", StringComparison.Ordinal), limit.Token);
            List<string> rest = await DurableRun.ReadAsync(second.Http, "lost:1", seen.Count, int.MaxValue, limit.Token);
            seen.Concat(rest).ShouldBe(expected);
        }
        await using ServerProcess third = await ServerProcess.StartAsync(settings, limit.Token);
        (await DurableRun.ReadAsync(third.Http, "lost:1", 3, int.MaxValue, limit.Token)).ShouldBe(expected[3..]);
        third.Process.Output.ShouldNotContain("starts again");
    }
}
