using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Placement;

/// <summary>
/// Tells whether the searches of a model that leaves a worker can go on elsewhere with the same bits: a pure function of what the workers
/// announced.
/// </summary>
internal static class ModelCover
{
    /// <summary>Whether another worker takes every search that this one may have.</summary>
    /// <param name="workers">What is known of all.</param>
    /// <param name="leaving">The worker that gives the model up.</param>
    /// <param name="fingerprint">Its numerics.</param>
    /// <param name="model">The model.</param>
    /// <param name="rows">Rows of its batch there.</param>
    /// <param name="kvBytes">Its budget of KV there.</param>
    public static bool Has(
        ImmutableArray<WorkerDescription> workers, WorkerId leaving, string fingerprint, ModelDescription model, int rows, long kvBytes)
    {
        foreach (WorkerDescription worker in workers)
        {
            if (worker.Id == leaving || worker.State != WorkerState.Ready || worker.Fingerprint != fingerprint) continue;
            if (worker.Models.FirstOrDefault(served => served.Name == model.Name)?.Hash != model.Hash) continue;
            if (worker.LoadOf(model.Name) is { IsRecovering: false } load && load.Rows >= rows && load.KvBytes >= kvBytes) return true;
        }
        return false;
    }
}
