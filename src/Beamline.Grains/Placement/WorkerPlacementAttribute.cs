namespace Beamline.Grains.Placement;

/// <summary>Marks a grain as pinned to the silo that its key names.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WorkerPlacementAttribute() : Orleans.Placement.PlacementAttribute(WorkerPlacement.Instance);
