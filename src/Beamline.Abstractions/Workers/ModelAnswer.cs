using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Workers;

/// <summary>A worker's answer to the wish that it load or unload a model.</summary>
/// <param name="Model">The name that the worker knows the model by: <c>tales@fp32</c> is <c>tales</c>.</param>
/// <param name="IsUnderWay">Whether it is being done now, by this call or an earlier one; false when there is nothing to do.</param>
/// <param name="Refusal">Why it is not done; null when it is, or was.</param>
[GenerateSerializer, Immutable, Alias("Beamline.ModelAnswer")]
public sealed record ModelAnswer(
    [property: Id(0)] string Model, [property: Id(1)] bool IsUnderWay, [property: Id(2)] BeamlineError? Refusal = null);
