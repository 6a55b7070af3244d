using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Workers;

/// <summary>A model on one worker, whether or not it takes searches.</summary>
/// <param name="Name">The name it is asked for by.</param>
/// <param name="State">Where it is in its life there.</param>
/// <param name="Problem">Why it could not be loaded; null unless it failed.</param>
[GenerateSerializer, Immutable, Alias("Beamline.ModelStatus")]
public sealed record ModelStatus(
    [property: Id(0)] string Name, [property: Id(1)] ModelState State, [property: Id(2)] BeamlineError? Problem = null);
