using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Updates;

/// <summary>A look at a run that waits for nothing.</summary>
/// <param name="State">Where it is.</param>
/// <param name="NextPosition">The number the next update will have.</param>
/// <param name="GeneratedTokens">Tokens generated so far over all live and finished sequences.</param>
/// <param name="Result">Set when completed.</param>
/// <param name="Error">Set when failed.</param>
[GenerateSerializer, Immutable, Alias("Beamline.RunSnapshot")]
public sealed record RunSnapshot(
    [property: Id(0)] RunState State,
    [property: Id(1)] long NextPosition,
    [property: Id(2)] int GeneratedTokens,
    [property: Id(3)] GenerationResult? Result,
    [property: Id(4)] BeamlineError? Error);
