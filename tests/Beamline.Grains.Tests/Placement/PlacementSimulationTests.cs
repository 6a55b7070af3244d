using Beamline.Grains.Directory;
using Beamline.Grains.Tests.Placement.Simulation;

namespace Beamline.Grains.Tests.Placement;

/// <summary>
/// Whether choosing from old copies keeps a large cluster evenly loaded. Load is the rows in use over time, after the cluster has filled
/// up. An idle worker beside a queue is one that has had room for a search for longer than a copy of the directory lives while that
/// search waited elsewhere.
/// </summary>
public sealed class PlacementSimulationTests(ITestOutputHelper output)
{
    private const int SiloCount = 8;
    private const int Rows = 16;
    private const double Rate = 50;     // tokens a second and row
    private static readonly double Age = WorkerDirectoryCache.MaxAge.TotalSeconds;

    [Fact]
    public void TwoHundredWorkersAtEightyPerCent_AreEvenlyLoaded_AndNoneIsIdleBesideAQueue()
    {
        ClusterSimulation cluster = Run(seed: 1, workers: 200, requests: 100_000, load: 0.8, shortest: 16);
        BusiestOverMean(cluster).ShouldBeLessThanOrEqualTo(1.15);
        cluster.LongestIdleWhileWaiting.ShouldBeLessThanOrEqualTo(Age);
    }

    [Fact]
    public void ASiloAWorker_ManySearchesStayNear_AndTheLoadIsEvenAllTheSame()
    {
        ClusterSimulation cluster = Run(seed: 7, workers: 50, requests: 20_000, load: 0.8, shortest: 16, silos: 50);
        BusiestOverMean(cluster).ShouldBeLessThanOrEqualTo(1.25);
        cluster.LongestIdleWhileWaiting.ShouldBeLessThanOrEqualTo(Age);
        (cluster.Near / 20_000.0).ShouldBeGreaterThan(0.25, "chance alone: one in 50");
    }

    [Theory]
    [InlineData(2, 0.8, 64)]
    [InlineData(3, 0.95, 16)]
    [InlineData(4, 0.5, 8)]
    public void OtherLoadsAndLengths_AreEvenToo(int seed, double load, int shortest)
    {
        ClusterSimulation cluster = Run(seed, workers: 50, requests: 20_000, load, shortest);
        BusiestOverMean(cluster).ShouldBeLessThanOrEqualTo(1.25);
        // Nearly full, a search may find the rows taken that it was sent to: then it goes round once more.
        cluster.LongestIdleWhileWaiting.ShouldBeLessThanOrEqualTo(2 * Age);
    }

    [Fact]
    public void LinesThatNeverGiveBack_LeaveWorkersIdleBesideAQueue() =>
        Run(seed: 1, workers: 50, requests: 20_000, load: 0.8, shortest: 16, givesBack: false)
            .LongestIdleWhileWaiting.ShouldBeGreaterThan(Age);

    [Fact]
    public void FewPromptsForAll_AreFoundInCaches_AndTheirHoldersAreNotOverrun()
    {
        int[][] prompts = [.. Enumerable.Range(0, 100).Select(first => Enumerable.Range(first, 300).ToArray())];
        ClusterSimulation cluster = Run(seed: 5, workers: 50, requests: 20_000, load: 0.8, shortest: 16, prompts: prompts);
        BusiestOverMean(cluster).ShouldBeLessThanOrEqualTo(1.25);
        cluster.LongestIdleWhileWaiting.ShouldBeLessThanOrEqualTo(Age);
        // Each worker keeps 16 of the 100: chance alone would find one in six.
        double found = cluster.Workers.Sum(worker => worker.CacheHits) / 20_000.0;
        output.WriteLine($"prompts found in caches: {found:P0}");
        found.ShouldBeGreaterThan(0.5);
    }

    [Fact]
    public void WorkerThatJoinsAFullCluster_IsBusyAtOnce()
    {
        ClusterSimulation cluster = new(seed: 6, SiloCount);
        for (int i = 0; i < 20; i++) cluster.AddWorker(Rows, Rate);
        for (int i = 0; i < 5000; i++)
        {
            cluster.Add(new SimulatedSearch { Arrival = i / 5000.0, Silo = i % SiloCount, Rows = 1, Tokens = 200 + i % 800 });
        }
        SimulatedWorker? late = null;
        cluster.At(5, () => late = cluster.AddWorker(Rows, Rate));

        cluster.RunUntil(5 + 2 * Age);

        late.ShouldNotBeNull().FreeRows.ShouldBeLessThanOrEqualTo(Rows / 4, "the lines of the others gave back as much as it can take");
    }

    private ClusterSimulation Run(
        int seed,
        int workers,
        int requests,
        double load,
        int shortest,
        bool givesBack = true,
        int[][]? prompts = null,
        int silos = SiloCount)
    {
        Random random = new(seed);
        ClusterSimulation cluster = new(seed, silos, givesBack);
        for (int i = 0; i < workers; i++) cluster.AddWorker(Rows, Rate);
        List<(int Rows, int Tokens)> sizes = [.. Enumerable.Range(0, requests).Select(_ => SizeOf(random, shortest))];
        double rate = load * workers * Rows / sizes.Average(size => size.Tokens * size.Rows / Rate), end = 0;
        foreach ((int rows, int tokens) in sizes)
        {
            end += -double.Log(1 - random.NextDouble()) / rate;
            int[] prompt = prompts is null ? [] : prompts[random.Next(prompts.Length)];
            int silo = random.Next(silos);
            cluster.Add(new SimulatedSearch { Arrival = end, Silo = silo, Rows = rows, Tokens = tokens, Prompt = prompt });
        }
        double filled = end / 4;
        cluster.RunUntil(filled);
        foreach (SimulatedWorker worker in cluster.Workers) worker.ResetWork(filled);
        cluster.RunUntil(end);
        foreach (SimulatedWorker worker in cluster.Workers) worker.Count(end);
        output.WriteLine($"""
            load {cluster.Workers.Average(worker => worker.Work) / (end - filled) / Rows:P1},
            busiest {BusiestOverMean(cluster):F3} of the mean,
            {cluster.Near / (double)requests:P0} began near,
            idle beside a queue {cluster.LongestIdleWhileWaiting * 1000:F0} ms at most, {cluster.GivenBack} given back, {end:F0} s
            """);
        return cluster;
    }

    private static double BusiestOverMean(ClusterSimulation cluster) =>
        cluster.Workers.Max(worker => worker.Work) / cluster.Workers.Average(worker => worker.Work);

    /// <summary>
    /// Mostly single rows, some samples and beams; lengths of a Pareto distribution whose variance only its bound makes finite.
    /// </summary>
    private static (int Rows, int Tokens) SizeOf(Random random, int shortest)
    {
        int tokens = (int)double.Min(2048, shortest * double.Pow(1 - random.NextDouble(), -1 / 1.3));
        return (random.NextDouble() switch { < 0.9 => 1, < 0.97 => 4, _ => 8 }, tokens);
    }
}
