using System.Collections.Immutable;
using Beamline.Abstractions.Requests;

namespace Beamline.Abstractions.Updates;

/// <summary>Everything a run produced.</summary>
/// <param name="Id">The run.</param>
/// <param name="Model">The model that generated, by its name.</param>
/// <param name="Hypotheses">By prompt; for each prompt beams best first, samples by number.</param>
/// <param name="Usage">Tokens, counted.</param>
/// <param name="Warnings">Parameters that had no effect, one line each.</param>
/// <param name="Seed">The seed that was used.</param>
[GenerateSerializer, Immutable, Alias("Beamline.GenerationResult")]
public sealed record GenerationResult(
    [property: Id(0)] RequestId Id,
    [property: Id(1)] string Model,
    [property: Id(2)] ImmutableArray<Hypothesis> Hypotheses,
    [property: Id(3)] Usage Usage,
    [property: Id(4)] ImmutableArray<string> Warnings,
    [property: Id(5)] ulong Seed);
