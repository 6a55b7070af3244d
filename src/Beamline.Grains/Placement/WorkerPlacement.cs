using Orleans.Runtime;

namespace Beamline.Grains.Placement;

/// <summary>Places a worker grain on the silo that owns its device, and nowhere else.</summary>
[Serializable]
public sealed class WorkerPlacement : PlacementStrategy
{
    internal static WorkerPlacement Instance { get; } = new();
}
