using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Directory;

/// <summary>
/// A copy of the worker directory that counts what was sent to workers since they announced themselves. Plain state: the caller brings
/// the clock.
/// </summary>
internal sealed class WorkerCopy
{
    /// <summary>How long a search counts by itself; after that the worker's own announcement has it.</summary>
    public static readonly TimeSpan ChargeLife = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a worker that could not be reached is left out, unless a newer life of it announces itself.</summary>
    public static readonly TimeSpan LossLife = TimeSpan.FromSeconds(3);

    private readonly List<Charge> _charges = [];
    private readonly List<Loss> _losses = [];

    /// <summary>The workers as they are believed to be.</summary>
    public ImmutableArray<WorkerDescription> Workers { get; private set; } = [];

    /// <summary>Takes a newer copy; what was sent lately is counted on top of it.</summary>
    public void Replace(ImmutableArray<WorkerDescription> workers, DateTimeOffset now)
    {
        _losses.RemoveAll(loss => now - loss.At >= LossLife);
        Workers = _losses.Count == 0 ? workers : workers.RemoveAll(IsLost);
        _charges.RemoveAll(charge => now - charge.At >= ChargeLife);
        foreach (Charge charge in _charges) Apply(charge);
    }

    /// <summary>Takes news of one worker from itself.</summary>
    public void Update(WorkerDescription worker)
    {
        _charges.RemoveAll(charge => charge.Worker == worker.Id);
        _losses.RemoveAll(loss => loss.Worker == worker.Id);
        int place = Find(worker.Id);
        Workers = place < 0 ? Workers.Add(worker) : Workers.SetItem(place, worker);
    }

    /// <summary>Counts a search that a worker took.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="model">The search's model.</param>
    /// <param name="rows">Rows it takes.</param>
    /// <param name="tokens">Prompt tokens and tokens to generate, at most.</param>
    /// <param name="now">The time.</param>
    public void Add(WorkerId worker, string model, int rows, long tokens, DateTimeOffset now)
    {
        // Here too: while the directory cannot be read, nothing else would end them.
        _charges.RemoveAll(old => now - old.At >= ChargeLife);
        Charge charge = new(worker, model, rows, tokens, now);
        _charges.Add(charge);
        Apply(charge);
    }

    /// <summary>
    /// Leaves out a worker that could not be reached: what it announced last would draw searches to it until that expires.
    /// </summary>
    public void Lose(WorkerDescription worker, DateTimeOffset now)
    {
        _losses.RemoveAll(loss => loss.Worker == worker.Id);
        _losses.Add(new(worker.Id, worker.Epoch, now));
        Workers = Workers.RemoveAll(IsLost);
    }

    private bool IsLost(WorkerDescription worker) => _losses.Exists(loss => loss.Worker == worker.Id && loss.Epoch >= worker.Epoch);

    private void Apply(Charge charge)
    {
        int place = Find(charge.Worker);
        if (place < 0 || Workers[place].LoadOf(charge.Model) is not { } load) return;
        ModelLoad busier = load.HasRoomFor(charge.Rows)
            ? load with { FreeRows = load.FreeRows - charge.Rows }
            : load with { QueuedSearches = load.QueuedSearches + 1, QueuedTokens = load.QueuedTokens + charge.Tokens };
        WorkerDescription worker = Workers[place];
        ImmutableArray<ModelLoad> loads = worker.Loads.IsDefaultOrEmpty ? [load] : worker.Loads;
        Workers = Workers.SetItem(place, worker with { Loads = loads.Replace(load, busier) });
    }

    private int Find(WorkerId id)
    {
        for (int i = 0; i < Workers.Length; i++)
        {
            if (Workers[i].Id == id) return i;
        }
        return -1;
    }

    private readonly record struct Loss(WorkerId Worker, long Epoch, DateTimeOffset At);

    private readonly record struct Charge(WorkerId Worker, string Model, int Rows, long Tokens, DateTimeOffset At);
}
