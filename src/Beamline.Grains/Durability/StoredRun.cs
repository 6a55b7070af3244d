using System.Collections.Immutable;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;

namespace Beamline.Grains.Durability;

/// <summary>A durable request and how far it is.</summary>
/// <param name="Request">The request.</param>
/// <param name="Restarts">How often it was started again; 0 or more.</param>
/// <param name="Started">When it was first started.</param>
/// <param name="Story">Its updates up to the last one, or the last one alone; empty until it has ended.</param>
/// <param name="Ended">When it ended; null until then.</param>
internal sealed record StoredRun(
    GenerationRequest Request, int Restarts, DateTimeOffset Started, ImmutableArray<GenerationUpdate> Story, DateTimeOffset? Ended)
{
    /// <summary>Whether it has an outcome.</summary>
    public bool IsEnded => Ended is not null;
}
