using System.Collections.Immutable;

namespace Beamline.Abstractions.Updates;

/// <summary>What one pull brings: everything that is ready from a position on.</summary>
/// <param name="Updates">Consecutive updates; empty when the wait ran out first.</param>
/// <param name="IsLast">Whether no update comes after these.</param>
[GenerateSerializer, Immutable, Alias("Beamline.UpdateReading")]
public sealed record UpdateReading([property: Id(0)] ImmutableArray<GenerationUpdate> Updates, [property: Id(1)] bool IsLast);
