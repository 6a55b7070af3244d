using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Placement;
using Beamline.Grains.Workers;

namespace Beamline.Grains.Tests.Placement.Simulation;

/// <summary>
/// A cluster on a virtual clock: the real register, copies, selector and balance; engines, calls and time are numbers. Workers announce
/// themselves at each tick, silos choose from copies that are up to <see cref="WorkerDirectoryCache.MaxAge"/> old, a call takes a
/// millisecond.
/// </summary>
internal sealed class ClusterSimulation
{
    private const double CallSeconds = 0.001;
    private static readonly double CopyAge = WorkerDirectoryCache.MaxAge.TotalSeconds;

    private readonly Random _random;
    private readonly List<SimulatedWorker> _workers = [];
    private readonly Dictionary<WorkerId, SimulatedWorker> _byId = [];
    private readonly List<Silo> _silos = [];
    private readonly WorkerRegister _register = new();
    private readonly PriorityQueue<Action, (double Time, long Order)> _events = new();
    private readonly double _tick = AnnouncementPace.Tick.TotalSeconds;
    private readonly bool _givesBack;
    private readonly Dictionary<SimulatedWorker, double[]> _roomSince = [];
    private readonly HashSet<SimulatedSearch> _waiting = [];
    private double _now;
    private long _order;
    private int _unfinished;

    public ClusterSimulation(int seed, int silos, bool givesBack = true)
    {
        _random = new Random(seed);
        _givesBack = givesBack;
        for (int i = 0; i < silos; i++) _silos.Add(new Silo());
    }

    public IReadOnlyList<SimulatedWorker> Workers => _workers;

    /// <summary>The longest time for which a worker had room for a search while that search waited elsewhere, in seconds.</summary>
    public double LongestIdleWhileWaiting { get; private set; }

    /// <summary>Searches that ran on a worker of the silo where they arrived.</summary>
    public int Near { get; private set; }

    /// <summary>Searches that moved from one line to another worker.</summary>
    public int GivenBack { get; private set; }

    private DateTimeOffset Clock => DateTimeOffset.UnixEpoch.AddSeconds(_now);

    /// <summary>Does something at a time.</summary>
    public void At(double time, Action action) => _events.Enqueue(action, (time, _order++));

    public SimulatedWorker AddWorker(int rows, double tokensPerSecondAndRow)
    {
        int number = _workers.Count;
        SimulatedWorker worker = new(new($"s{number % _silos.Count}", $"cpu:{number}"), rows, tokensPerSecondAndRow);
        _workers.Add(worker);
        _byId[worker.Id] = worker;
        _roomSince[worker] = [.. Enumerable.Repeat(_now, rows + 1)];
        _register.Announce(worker.Describe(), Clock);
        Silo home = new();
        At(_now + _random.NextDouble() * _tick, () => Tick(worker, home));
        return worker;
    }

    public void Add(SimulatedSearch search)
    {
        _unfinished++;
        At(search.Arrival, () =>
        {
            _waiting.Add(search);
            Dispatch(search);
        });
    }

    /// <summary>Runs until a time, or until nothing is left to do.</summary>
    public void RunUntil(double time)
    {
        while (_unfinished > 0 && _events.TryPeek(out _, out (double Time, long Order) next) && next.Time <= time)
        {
            _now = next.Time;
            _events.Dequeue()();
        }
    }

    private void Dispatch(SimulatedSearch search)
    {
        Offer(search, Rank(search, search.Offers == 0 ? CopyAge : 0), 0);
    }

    /// <summary>
    /// As the dispatcher does: those believed to have room are asked first whether they have it, then the best one keeps the search in
    /// its line.
    /// </summary>
    private void Offer(SimulatedSearch search, ImmutableArray<WorkerDescription> ranked, int tries)
    {
        bool mayWait = tries == WorkerSelector.Tries || !ranked[tries].LoadOf("tales")!.HasRoomFor(search.Rows);
        WorkerId chosen = mayWait ? Rank(search, CopyAge)[0].Id : ranked[tries].Id;
        _silos[search.Silo].Copy.Add(chosen, "tales", search.Rows, (long)search.Tokens * search.Rows, Clock);
        SimulatedWorker worker = _byId[chosen];
        At(_now + CallSeconds, () =>
        {
            search.Offers++;
            if (!mayWait && !worker.HasRoomFor(search.Rows))
            {
                Offer(search, ranked, tries + 1);
                return;
            }
            worker.Submit(search);
            StartAll(worker);
        });
    }

    private ImmutableArray<WorkerDescription> Rank(SimulatedSearch search, double maxAge) =>
        WorkerSelector.Rank(CopyOf(_silos[search.Silo], maxAge), "tales", search.Rows, null, _random, $"s{search.Silo}", search.Prompt);

    private void StartAll(SimulatedWorker worker)
    {
        while (worker.TryStart(_now) is { } search)
        {
            search.Started = _now;
            if (worker.Id.Host == $"s{search.Silo}") Near++;
            _waiting.Remove(search);
            NoteWait(search, worker);
            At(_now + worker.SecondsOf(search), () =>
            {
                worker.Finish(search, _now);
                _unfinished--;
                StartAll(worker);
            });
        }
        NoteRoom(worker);
    }

    private void Tick(SimulatedWorker worker, Silo home)
    {
        if (worker.News(_now) is { } news) _register.Announce(news, Clock);
        if (_givesBack && worker.QueuedSearches > 0)
        {
            ImmutableArray<WorkerDescription> workers = CopyOf(home, home.SeesRoom ? _tick / 2 : CopyAge);
            GiveBack plan = WaitingBalance.Plan(worker.Id, worker.Describe().Loads[0], workers, _random.NextDouble());
            home.SeesRoom = plan.Widest > 0;
            foreach (SimulatedSearch search in worker.GiveBack(plan.Rows, plan.Widest))
            {
                GivenBack++;
                At(_now + CallSeconds, () => Dispatch(search));
            }
            StartAll(worker);
        }
        At(_now + _tick, () => Tick(worker, home));
    }

    private ImmutableArray<WorkerDescription> CopyOf(Silo silo, double maxAge)
    {
        if (_now - silo.Fetched > maxAge)
        {
            silo.Copy.Replace(_register.Current(Clock), Clock);
            silo.Fetched = _now;
        }
        return silo.Copy.Workers;
    }

    /// <summary>
    /// After a worker's rows or line changed: keeps since when it has room for each width, and notes who waited meanwhile.
    /// </summary>
    private void NoteRoom(SimulatedWorker worker)
    {
        double[] since = _roomSince[worker];
        int room = worker.HasRoom ? worker.FreeRows : 0;
        for (int width = 1; width < since.Length; width++)
        {
            if (width <= room)
            {
                if (double.IsNaN(since[width])) since[width] = _now;
            }
            else if (!double.IsNaN(since[width]))
            {
                foreach (SimulatedSearch search in _waiting)
                {
                    if (search.Rows == width) Note(search, since[width]);
                }
                since[width] = double.NaN;
            }
        }
    }

    private void NoteWait(SimulatedSearch search, SimulatedWorker at)
    {
        foreach ((SimulatedWorker worker, double[] since) in _roomSince)
        {
            if (worker != at && search.Rows < since.Length && !double.IsNaN(since[search.Rows])) Note(search, since[search.Rows]);
        }
    }

    private void Note(SimulatedSearch search, double roomSince) =>
        LongestIdleWhileWaiting = double.Max(LongestIdleWhileWaiting, _now - double.Max(search.Arrival, roomSince));

    private sealed class Silo
    {
        public WorkerCopy Copy { get; } = new();

        public bool SeesRoom { get; set; } = true;

        public double Fetched { get; set; } = double.NegativeInfinity;
    }
}
