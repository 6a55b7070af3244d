using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;

namespace Beamline.Abstractions.Searches;

/// <summary>
/// One search, ready to run: validated, tokenised, seeded. A worker needs nothing else to start it, or to start it again.
/// </summary>
[GenerateSerializer, Immutable, Alias("Beamline.SearchTicket")]
public sealed record SearchTicket
{
    /// <summary>Names the search.</summary>
    [Id(0)] public required SearchId Id { get; init; }

    /// <summary>The model's name.</summary>
    [Id(1)] public required string Model { get; init; }

    /// <summary>The prompt; never empty; every id within the vocabulary.</summary>
    [Id(2)] public required ImmutableArray<int> PromptIds { get; init; }

    /// <summary>How to generate.</summary>
    [Id(3)] public required CheckedParameters Parameters { get; init; }

    /// <summary>Independent samples: the number of the first one of this part. 0 otherwise.</summary>
    [Id(4)] public int FirstBranch { get; init; }

    /// <summary>Rows it takes at most: samples of this part, or beams.</summary>
    [Id(5)] public required int Rows { get; init; }

    /// <summary>Who goes first when rows are short.</summary>
    [Id(6)] public RequestPriority Priority { get; init; }

    /// <summary>When it ends at the latest; null is never.</summary>
    [Id(7)] public DateTimeOffset? Deadline { get; init; }

    /// <summary>Whom it counts for when users share rows fairly; null is the anonymous user.</summary>
    [Id(8)] public string? User { get; init; }

    /// <summary>Where to go on from; null starts at the prompt.</summary>
    [Id(9)] public SearchState? Resume { get; init; }

    /// <summary>
    /// Whether it ran before, on a worker or a silo that was lost: somebody has read of it, so it goes before those of its user that
    /// have not begun.
    /// </summary>
    [Id(10)] public bool RanBefore { get; init; }
}
