using System.Collections.Immutable;

namespace Beamline.Abstractions.Searches;

/// <summary>Everything a search needs to go on elsewhere with the same result: no logits and no KV, these are computed again.</summary>
/// <param name="Step">Tokens that each live hypothesis has generated.</param>
/// <param name="Live">The live hypotheses in the order of their rows.</param>
/// <param name="Finished">The finished ones: in beam search best first within each group, else in the order in which they ended.</param>
[GenerateSerializer, Immutable, Alias("Beamline.SearchState")]
public sealed record SearchState(
    [property: Id(0)] int Step,
    [property: Id(1)] ImmutableArray<LiveHypothesis> Live,
    [property: Id(2)] ImmutableArray<FinishedHypothesis> Finished);
