using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Beamline.Grains.Placement;

/// <summary>Finds the silo that a worker's key names; every silo's name stands in the membership table.</summary>
internal sealed class WorkerPlacementDirector(ISiloStatusOracle silos) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string host = WorkerId.Parse(target.GrainIdentity.Key.ToString()!).Host;
        foreach (SiloAddress silo in context.GetCompatibleSilos(target))
        {
            if (silos.TryGetSiloName(silo, out string? name) && name == host) return Task.FromResult(silo);
        }
        throw new BeamlineException(BeamlineErrorCode.NoWorker, $"No silo named {host} is in the cluster.");
    }
}
