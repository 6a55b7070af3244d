using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Catalogue;

namespace Beamline.Grains.Directory;

/// <summary>
/// The models that requests may name: those that some worker announces. A name is never looked up on this silo's disk. Safe for concurrent
/// use.
/// </summary>
/// <param name="directory">What the workers announced.</param>
/// <param name="startWait">How long to wait at most while no worker is known that serves what is asked for.</param>
/// <param name="time">The clock.</param>
internal sealed class ServedModels(WorkerDirectoryCache directory, TimeSpan startWait, TimeProvider time)
{
    private readonly Lock _lock = new();

    // Every model found so far.
    private readonly Dictionary<string, Sighting> _seen = new(StringComparer.Ordinal);

    /// <summary>Finds a model; waits a bounded time while no worker has announced anything.</summary>
    /// <param name="name">
    /// The name in the request; null is the default model where it is served, else the only one that is.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">
    /// No worker serves it, there is no worker at all, or the request names none of several.
    /// </exception>
    public async Task<ServedModel> FindAsync(string? name, CancellationToken cancellationToken)
    {
        string wanted = name ?? ModelCatalogue.DefaultModel;
        long start = time.GetTimestamp();
        for (TimeSpan pause = RetryPause.First; ; pause = RetryPause.After(pause))
        {
            ImmutableArray<WorkerDescription> workers = await directory.GetAsync();
            // It may have been loaded since the copy was made.
            if (Find(workers, wanted) is null) workers = await directory.GetAsync(TimeSpan.Zero);
            if (Find(workers, wanted) is { } served) return Note(served, workers);
            bool mayAppear = workers.IsEmpty || IsJustMissing(wanted, workers);
            if (!mayAppear)
            {
                string[] names = NamesOf(workers);
                if (name is null && names is [{ } only]) return Note(Find(workers, only)!, workers);
                throw name is null && names.Length > 1 ? Unnamed(names) : NotServed(wanted, names);
            }
            if (time.GetElapsedTime(start) >= startWait)
            {
                throw new BeamlineException(BeamlineErrorCode.NoWorker, $"No worker serves {Quote(wanted)} at present.");
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>Finds out whether a model that was found here has been unloaded since.</summary>
    /// <param name="name">The model.</param>
    /// <param name="workers">What is known now.</param>
    /// <exception cref="BeamlineException">It has been: all workers that had it are heard of, and none has it any more.</exception>
    public void ThrowIfUnloaded(string name, ImmutableArray<WorkerDescription> workers)
    {
        if (workers.Any(worker => worker.LoadOf(name) is not null)) return;
        lock (_lock)
        {
            if (!_seen.TryGetValue(name, out Sighting? seen) || seen.IsUnheard(workers)) return;
        }
        throw NotServed(name, NamesOf(workers));
    }

    /// <summary>A name as a message shows it: shortened when long.</summary>
    internal static string Quote(string name) => name.Length <= 80 ? $"'{name}'" : $"'{name[..77]}...'";

    private ServedModel Note(ServedModel found, ImmutableArray<WorkerDescription> workers)
    {
        IEnumerable<WorkerDescription> serving = workers.Where(worker => worker.LoadOf(found.Description.Name) is not null);
        lock (_lock) _seen[found.Description.Name] = new([.. serving.Select(worker => worker.Id)]);
        return found;
    }

    private static string[] NamesOf(ImmutableArray<WorkerDescription> workers) =>
        [.. workers.SelectMany(worker => worker.Models).Select(model => model.Name).Distinct().Order(StringComparer.Ordinal)];

    private static BeamlineException NotServed(string wanted, string[] served) => new(
        BeamlineErrorCode.ModelNotFound,
        $"There is no model {Quote(wanted)}; served: {(served.Length > 0 ? string.Join(", ", served) : "none at present")}.");

    private static BeamlineException Unnamed(string[] names) =>
        new(BeamlineError.Invalid([new Fault("model", "not given", $"one of {string.Join(", ", names)}")]));

    private static ServedModel? Find(ImmutableArray<WorkerDescription> workers, string name)
    {
        ModelDescription? found = null;
        int rows = 1;
        foreach (WorkerDescription worker in workers)
        {
            if (worker.Models.FirstOrDefault(model => model.Name == name) is not { } model) continue;
            found ??= model;
            rows = int.Max(rows, worker.LoadOf(name)?.Rows ?? 1);
        }
        return found is null ? null : new(found, rows);
    }

    /// <summary>
    /// Whether a model was served until lately by a worker that is not heard of now. A directory that lost its silo starts empty and hears
    /// of the workers one by one: for as long as an announcement lasts, such a model may only not have been announced again. A worker that
    /// announces itself without the model has unloaded it.
    /// </summary>
    private bool IsJustMissing(string name, ImmutableArray<WorkerDescription> workers)
    {
        lock (_lock)
        {
            if (!_seen.TryGetValue(name, out Sighting? seen)) return false;
            if (!seen.IsUnheard(workers)) return false;
            seen.MissingSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(seen.MissingSince.Value) < WorkerRegister.Expiry) return true;
            _seen.Remove(name);
            return false;
        }
    }

    /// <summary>Where a model was seen last and, when it was not there the last time, since when.</summary>
    private sealed class Sighting(ImmutableArray<WorkerId> workers)
    {
        public long? MissingSince { get; set; }

        /// <summary>Whether one of its workers is not among those that announced themselves.</summary>
        public bool IsUnheard(ImmutableArray<WorkerDescription> announced) =>
            workers.Any(id => announced.All(worker => worker.Id != id));
    }
}
