using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Sequences;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Directory;

/// <summary>
/// The models that requests may name: those that some worker announces. A name is never looked up on this silo's disk. Safe for concurrent
/// use.
/// </summary>
internal sealed class ServedModels(WorkerDirectoryCache directory, IOptions<SequenceOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();

    // Every model found so far and, when it was not there the last time, since when.
    private readonly Dictionary<string, long?> _missingSince = new(StringComparer.Ordinal);

    /// <summary>Finds a model; waits a bounded time while no worker has announced anything.</summary>
    /// <param name="name">The name in the request; null is the default model.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">No worker serves it, or there is no worker at all.</exception>
    public async Task<ServedModel> FindAsync(string? name, CancellationToken cancellationToken)
    {
        string wanted = name ?? ModelCatalogue.DefaultModel;
        long start = time.GetTimestamp();
        for (TimeSpan pause = RetryPause.First; ; pause = RetryPause.After(pause))
        {
            ImmutableArray<WorkerDescription> workers = await directory.GetAsync();
            if (Find(workers, wanted) is { } served)
            {
                lock (_lock) _missingSince[wanted] = null;
                return served;
            }
            string[] names =
                [.. workers.SelectMany(worker => worker.Models).Select(model => model.Name).Distinct().Order(StringComparer.Ordinal)];
            bool mayAppear = IsJustMissing(wanted) || names.Length == 0;
            if (!mayAppear)
            {
                throw new BeamlineException(
                    BeamlineErrorCode.ModelNotFound, $"There is no model {Quote(wanted)}; served: {string.Join(", ", names)}.");
            }
            if (time.GetElapsedTime(start) >= options.Value.WorkerWait)
            {
                throw new BeamlineException(BeamlineErrorCode.NoWorker, $"No worker serves {Quote(wanted)} at present.");
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private static ServedModel? Find(ImmutableArray<WorkerDescription> workers, string name)
    {
        ModelDescription? found = null;
        int rows = 1;
        foreach (WorkerDescription worker in workers)
        {
            if (worker.Models.FirstOrDefault(model => model.Name == name) is not { } model) continue;
            found ??= model;
            rows = int.Max(rows, worker.Rows);
        }
        return found is null ? null : new(found, rows);
    }

    /// <summary>
    /// Whether a model was served until lately. A directory that lost its silo starts empty and hears of the workers one by one: for as
    /// long as
    /// an announcement lasts, a model that is missing may only not have been announced again.
    /// </summary>
    private bool IsJustMissing(string name)
    {
        lock (_lock)
        {
            if (!_missingSince.TryGetValue(name, out long? since)) return false;
            _missingSince[name] = since ??= time.GetTimestamp();
            if (time.GetElapsedTime(since.Value) < WorkerRegister.Expiry) return true;
            _missingSince.Remove(name);
            return false;
        }
    }

    private static string Quote(string name) => name.Length <= 80 ? $"'{name}'" : $"'{name[..77]}...'";
}
