using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine;

namespace Beamline.Grains.Workers;

/// <summary>A model on one device as it stands; each change of its state is another slot.</summary>
/// <param name="Name">The name it is asked for by.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Engine">What runs it; null unless it is ready or draining.</param>
/// <param name="Problem">Why it could not be loaded; null unless it failed.</param>
/// <param name="Late">A load that was given up and has not come back; null when there is none.</param>
internal sealed record ModelSlot(
    string Name, ModelState State, InferenceEngine? Engine = null, BeamlineError? Problem = null, Task? Late = null)
{
    /// <summary>Whether a load that was given up is still under way.</summary>
    public bool IsBusy => Late is { IsCompleted: false };
}
