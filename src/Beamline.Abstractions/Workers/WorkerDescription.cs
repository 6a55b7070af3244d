using System.Collections.Immutable;

namespace Beamline.Abstractions.Workers;

/// <summary>What a worker announces about itself.</summary>
/// <param name="Id">The worker.</param>
/// <param name="Epoch">Counts its starts; an answer from an older epoch is void.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Models">The models that take searches there.</param>
/// <param name="Rows">Rows of the widest batch of its models.</param>
/// <param name="FreeRows">Rows that no search holds.</param>
/// <param name="QueuedSearches">Searches that wait for rows.</param>
/// <param name="QueuedTokens">Prompt tokens and tokens still to generate of the waiting ones, at most.</param>
/// <param name="KvBytes">Budget of the KV cache.</param>
/// <param name="KvUsedBytes">What is reserved of it.</param>
/// <param name="TokensPerSecond">Generated tokens a second, over the last seconds.</param>
/// <param name="Fingerprint">
/// Execution provider, instruction set, runtime version: equal fingerprints give equal bits for equal model hashes.
/// </param>
[GenerateSerializer, Immutable, Alias("Beamline.WorkerDescription")]
public sealed record WorkerDescription(
    [property: Id(0)] WorkerId Id,
    [property: Id(1)] long Epoch,
    [property: Id(2)] WorkerState State,
    [property: Id(3)] ImmutableArray<ModelDescription> Models,
    [property: Id(4)] int Rows,
    [property: Id(5)] int FreeRows,
    [property: Id(6)] int QueuedSearches,
    [property: Id(7)] long QueuedTokens,
    [property: Id(8)] long KvBytes,
    [property: Id(9)] long KvUsedBytes,
    [property: Id(10)] double TokensPerSecond,
    [property: Id(11)] string Fingerprint)
{
    /// <summary>The load of each model; the members above are sums and maxima over them. Empty when an older silo announces.</summary>
    [Id(12)] public ImmutableArray<ModelLoad> Loads { get; init; } = [];

    /// <summary>
    /// Every model it has to do with, by name, also those that are loading, draining or failed. Empty when an older silo announces.
    /// </summary>
    [Id(13)] public ImmutableArray<ModelStatus> Statuses { get; init; } = [];

    /// <summary>The load of one model; null when the worker does not serve it.</summary>
    public ModelLoad? LoadOf(string model)
    {
        if (!Loads.IsDefaultOrEmpty)
        {
            foreach (ModelLoad load in Loads)
            {
                if (load.Model == model) return load;
            }
            return null;
        }
        return Models.Any(served => served.Name == model)
            ? new(model, Rows, FreeRows, QueuedSearches, QueuedTokens, TokensPerSecond, [])
            : null;
    }
}
