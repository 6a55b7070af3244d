using System.Collections.Immutable;

namespace Beamline.Abstractions.Workers;

/// <summary>How busy a worker is with one of its models. Each model has rows, KV budget and waiting line of its own.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Rows">Rows of its batch.</param>
/// <param name="FreeRows">Rows that no search holds; 0 to <paramref name="Rows"/>.</param>
/// <param name="QueuedSearches">Searches that wait for rows.</param>
/// <param name="QueuedTokens">Prompt tokens and tokens still to generate of the waiting ones, at most.</param>
/// <param name="TokensPerSecond">Generated tokens a second, over the last seconds of work; 0 before the first.</param>
/// <param name="Prefixes">Fingerprints of prompt beginnings whose KV is at hand; a bounded number, in no order.</param>
[GenerateSerializer, Immutable, Alias("Beamline.ModelLoad")]
public sealed record ModelLoad(
    [property: Id(0)] string Model,
    [property: Id(1)] int Rows,
    [property: Id(2)] int FreeRows,
    [property: Id(3)] int QueuedSearches,
    [property: Id(4)] long QueuedTokens,
    [property: Id(5)] double TokensPerSecond,
    [property: Id(6)] ImmutableArray<ulong> Prefixes)
{
    /// <summary>Budget of its KV cache in bytes; 0 when an older silo announces.</summary>
    [Id(7)] public long KvBytes { get; init; }

    /// <summary>Whether it takes no searches at present, since its passes fail.</summary>
    [Id(8)] public bool IsRecovering { get; init; }

    /// <summary>Whether a search of so many rows would start at once.</summary>
    public bool HasRoomFor(int rows) => !IsRecovering && FreeRows >= rows && QueuedSearches == 0;
}
