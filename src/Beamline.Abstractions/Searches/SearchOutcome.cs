using System.Collections.Immutable;
using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Searches;

/// <summary>How a search ended on a worker.</summary>
/// <param name="Hypotheses">What it found: beam search best first, samples by number. Empty when it failed.</param>
/// <param name="Error">Why it failed; null when it completed.</param>
/// <param name="Retryable">Whether another worker, or the same one later, can go on with it.</param>
/// <param name="PrefilledTokens">Prompt tokens that were computed for it.</param>
/// <param name="CachedTokens">Prompt tokens that were taken from the prefix cache instead.</param>
[GenerateSerializer, Immutable, Alias("Beamline.SearchOutcome")]
public sealed record SearchOutcome(
    [property: Id(0)] ImmutableArray<FinishedHypothesis> Hypotheses,
    [property: Id(1)] BeamlineError? Error,
    [property: Id(2)] bool Retryable,
    [property: Id(3)] int PrefilledTokens,
    [property: Id(4)] int CachedTokens);
