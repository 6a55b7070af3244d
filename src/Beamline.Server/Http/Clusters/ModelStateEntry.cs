using System.Text.Json.Serialization;
using Beamline.Abstractions.Workers;

namespace Beamline.Server.Http.Clusters;

/// <summary>A model on a worker.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Such as <c>ready</c>.</param>
/// <param name="Rows">Rows of its batch; 0 unless it is ready.</param>
/// <param name="FreeRows">Rows that no search holds.</param>
/// <param name="QueuedSearches">Searches that wait for rows.</param>
/// <param name="KvBytes">Budget of its KV cache; 0 unless it is ready.</param>
/// <param name="Problem">Why it could not be loaded; left out when it could.</param>
internal sealed record ModelStateEntry(
    string Name,
    string State,
    int Rows,
    int FreeRows,
    int QueuedSearches,
    long KvBytes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem)
{
    /// <summary>The entries of a worker, by name.</summary>
    public static ModelStateEntry[] Of(WorkerDescription worker) =>
        [.. worker.Statuses.Select(status => Of(status, worker.LoadOf(status.Name)))];

    private static ModelStateEntry Of(ModelStatus status, ModelLoad? load) => new(
        status.Name,
        status.State.ToString().ToLowerInvariant(),
        load?.Rows ?? 0,
        load?.FreeRows ?? 0,
        load?.QueuedSearches ?? 0,
        load?.KvBytes ?? 0,
        status.Problem?.Message);
}
