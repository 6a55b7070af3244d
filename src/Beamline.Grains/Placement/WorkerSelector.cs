using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Placement;

/// <summary>Chooses a worker for a search: a pure function of what the workers announced.</summary>
internal static class WorkerSelector
{
    /// <summary>
    /// The workers that may take a search of a model, best first: those with free rows before those without, then the shortest expected
    /// wait.
    /// </summary>
    /// <param name="workers">What is known.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">Rows the search takes.</param>
    /// <param name="fingerprint">Numerics to prefer, since only equal ones continue with equal bits; null for any.</param>
    /// <param name="random">Breaks ties, so that silos with the same copy do not all run to the same worker.</param>
    public static ImmutableArray<WorkerDescription> Rank(
        ImmutableArray<WorkerDescription> workers, string model, int rows, string? fingerprint, Random random) =>
    [
        .. workers
            .Where(worker => worker.State == WorkerState.Ready && worker.Rows >= rows && worker.Models.Any(served => served.Name == model))
            .Select(worker => (Worker: worker, Tie: random.Next()))
            .OrderByDescending(entry => fingerprint is null || entry.Worker.Fingerprint == fingerprint)
            .ThenBy(entry => ExpectedWait(entry.Worker, rows))
            .ThenByDescending(entry => (double)entry.Worker.FreeRows / entry.Worker.Rows)
            .ThenBy(entry => entry.Tie)
            .Select(entry => entry.Worker),
    ];

    /// <summary>Seconds until the worker has rows, by its own rate; 0 when it has them now.</summary>
    internal static double ExpectedWait(WorkerDescription worker, int rows)
    {
        if (worker.FreeRows >= rows && worker.QueuedSearches == 0) return 0;
        double rate = worker.TokensPerSecond > 0 ? worker.TokensPerSecond : 1;
        return (worker.QueuedTokens + 1) / rate;
    }
}
