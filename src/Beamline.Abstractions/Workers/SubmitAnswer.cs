using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Workers;

/// <summary>A worker's answer to a search.</summary>
/// <param name="Epoch">The worker's epoch; reads must name it.</param>
/// <param name="Refusal">Why it was not taken; null when it was.</param>
[GenerateSerializer, Immutable, Alias("Beamline.SubmitAnswer")]
public sealed record SubmitAnswer([property: Id(0)] long Epoch, [property: Id(1)] BeamlineError? Refusal)
{
    /// <summary>Whether the worker took it.</summary>
    public bool IsAccepted => Refusal is null;
}
