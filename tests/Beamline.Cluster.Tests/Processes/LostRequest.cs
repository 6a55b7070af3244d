using Beamline.Cluster.Tests.Failover;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>A durable request that loses the only silo there is.</summary>
internal static class LostRequest
{
    /// <summary>A silo is killed, a second one finishes the request, and a third one still knows how it ended.</summary>
    /// <param name="settings">What connects a silo with a store that outlives it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task FinishAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        settings["Beamline:Cluster:Address"] = "127.0.0.1";
        settings["Beamline:Durable:RestartInterval"] = "00:00:02";
        List<string> expected, seen;
        await using (ServerProcess first = await ServerProcess.StartAsync(settings, cancellationToken))
        {
            await first.ReadyAsync(cancellationToken);
            await DurableRun.StartAsync(first.Http, "calm:1", Requests.Large(), cancellationToken);
            expected = await DurableRun.ReadAsync(first.Http, "calm:1", 0, int.MaxValue, cancellationToken);
            await DurableRun.StartAsync(first.Http, "lost:1", Requests.Large(), cancellationToken);
            seen = await DurableRun.ReadAsync(first.Http, "lost:1", 0, 8, cancellationToken);
        }
        await using (ServerProcess second = await ServerProcess.StartAsync(settings, cancellationToken))
        {
            // By its reminder: nobody asks for it.
            await second.Process.LineAsync(line => line.Contains("lost:1 starts again", StringComparison.Ordinal), cancellationToken);
            List<string> rest = await DurableRun.ReadAsync(second.Http, "lost:1", seen.Count, int.MaxValue, cancellationToken);
            seen.Concat(rest).ShouldBe(expected);
        }
        await using ServerProcess third = await ServerProcess.StartAsync(settings, cancellationToken);
        (await DurableRun.ReadAsync(third.Http, "lost:1", 3, int.MaxValue, cancellationToken)).ShouldBe(expected[3..]);
        third.Process.Output.ShouldNotContain("starts again");
    }
}
