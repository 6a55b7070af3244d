using Beamline.Abstractions.Workers;

namespace Beamline.Server.Http.Clusters;

/// <summary>A worker as it last announced itself.</summary>
/// <param name="Id">Silo and device, such as <c>silo1/cpu:0</c>.</param>
/// <param name="Silo">The silo's name.</param>
/// <param name="Device">The device.</param>
/// <param name="State">Such as <c>ready</c>.</param>
/// <param name="Models">Names of the models that take searches there.</param>
/// <param name="ModelStates">Every model it has to do with, also those that are loading, draining or failed.</param>
/// <param name="Rows">Rows of the widest batch of its models.</param>
/// <param name="FreeRows">Rows that no search holds, over all its models.</param>
/// <param name="QueuedSearches">Searches that wait for rows.</param>
/// <param name="QueuedTokens">Tokens that those may still take.</param>
/// <param name="KvBytes">Budget of the KV cache.</param>
/// <param name="KvUsedBytes">What is reserved of it.</param>
/// <param name="TokensPerSecond">Generated over the last seconds.</param>
internal sealed record WorkerEntry(
    string Id,
    string Silo,
    string Device,
    string State,
    string[] Models,
    ModelStateEntry[] ModelStates,
    int Rows,
    int FreeRows,
    int QueuedSearches,
    long QueuedTokens,
    long KvBytes,
    long KvUsedBytes,
    double TokensPerSecond)
{
    /// <summary>The entry of a worker.</summary>
    public static WorkerEntry Of(WorkerDescription worker) => new(
        worker.Id.ToString(),
        worker.Id.Host,
        worker.Id.Device,
        worker.State.ToString().ToLowerInvariant(),
        [.. worker.Models.Select(model => model.Name)],
        ModelStateEntry.Of(worker),
        worker.Rows,
        worker.FreeRows,
        worker.QueuedSearches,
        worker.QueuedTokens,
        worker.KvBytes,
        worker.KvUsedBytes,
        Math.Round(worker.TokensPerSecond, 1));
}
