using System.Collections.Immutable;
using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Host;
using Beamline.Engine.Configuration;
using Beamline.Engine.Invariants;
using Beamline.Engine.Reporting;
using Beamline.Engine.Searches;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Faults;

/// <summary>
/// One engine, many searches, and everything goes wrong now and then. What the callers do is decided after each step, on the engine's
/// thread and from the seed, over a clock that only moves here: a run can be had again.
/// </summary>
internal sealed partial class FaultRun : IBackendFactory
{
    private const int QueuedSearches = 16;
    private const int CheckpointSteps = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly FaultSettings _settings;
    private readonly long _steps;
    private readonly Random _random;
    private readonly FaultPlan _plan;
    private readonly HashModel _model;
    private readonly WildTickets _tickets;
    private readonly ManualClock _clock = new();
    private readonly Dictionary<SearchId, TrackedSearch> _active = [];
    private readonly Queue<SearchTicket> _lost = new();
    private readonly List<string> _broken = [];
    private readonly SortedDictionary<string, long> _ends = [];
    private readonly List<(TrackedSearch Search, List<SearchEvent> Events)> _read = [];
    private IHashBackend? _backend;
    private InferenceEngine? _engine;
    private bool _givesBack;
    private long _warmBytes;

    public FaultRun(int seed, long steps)
    {
        _settings = FaultSettings.Of(seed);
        _steps = steps;
        _random = new Random(seed);
        _plan = new FaultPlan(new Random(seed + 1));
        _model = new HashModel { Traits = _settings.Traits };
        _tickets = new WildTickets(_random, _model);
    }

    /// <summary>Steps so far.</summary>
    public long Step { get; private set; }

    /// <summary>Searches offered and taken so far.</summary>
    public long Searches { get; private set; }

    /// <summary>The most bytes of KV that the system counted.</summary>
    public long MostResident { get; private set; }

    /// <summary>What the process took more at the end than early in the run.</summary>
    public long GrownBytes { get; private set; }

    public FaultPlan Plan => _plan;

    public IModelBackend Open(BackendLimits limits)
    {
        if (_engine is not null && _plan.Strikes(FaultKind.OpenThrows)) throw new InsufficientMemoryException("injected");
        _backend = _settings.IsPaged ? new PagedBackend(_model, limits) : new HashBackend(_model, limits, null);
        return new FaultyBackend(_backend, _plan, limits, law => Break(law));
    }

    /// <summary>Runs to the end.</summary>
    /// <exception cref="ShouldAssertException">A law was broken; says seed and step.</exception>
    public void Run()
    {
        EngineOptions options = new()
        {
            Rows = FaultSettings.Rows,
            KvBytes = _settings.KvBytes,
            PrefixCacheBytes = _settings.PrefixBytes,
            PrefillTokens = _settings.PrefillTokens,
            QueuedSearches = QueuedSearches,
            StreamInterval = TimeSpan.Zero,
            RecoveryPause = Pause,
        };
        EngineModel model = new(HashModel.Description with { Traits = _settings.Traits }, this, _model) { AfterStep = AfterStep };
        using (InferenceEngine engine = new(model, options, _clock, new FaultLog(Break)))
        {
            _engine = engine;
            Drive();
            if (_broken.Count == 0) CheckEnd();
        }
        foreach ((TrackedSearch search, List<SearchEvent> events) in _read) CheckReaders(search, events);
        _broken.ShouldBeEmpty($"{_settings}, {this}");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new($"step {Step}, {Searches} searches; ends: ");
        text.AppendJoin(", ", _ends.Select(end => $"{end.Key} {end.Value}"));
        text.Append("; faults: ").AppendJoin(", ", Enum.GetValues<FaultKind>().Select(kind => $"{kind} {_plan.Counts[(int)kind]}"));
        text.Append($"; resident at most {MostResident} of {_settings.KvBytes}, grown {GrownBytes >> 20} MiB");
        return text.ToString();
    }

    /// <summary>Starts the engine when it has nothing, lets time pass while it recovers, and sees when it stands still.</summary>
    private void Drive()
    {
        long seen = -1;
        DateTime since = DateTime.UtcNow;
        while (true)
        {
            bool moves = false;
            lock (_lock)
            {
                if (_broken.Count > 0) return;
                bool isIdle = _active.Count == 0;
                if (_engine!.State == EngineState.Running)
                {
                    if (isIdle && Step >= _steps) return;
                    if (isIdle) Restart();
                }
                else
                {
                    _clock.Advance(Pause / 2);
                    if (Step != seen || !isIdle) SettleEnded();
                    moves = isIdle;
                }
                moves |= Step != seen;
                if (moves || isIdle) (seen, since) = (Step, DateTime.UtcNow);
                else if (DateTime.UtcNow - since > Stuck / 20) SettleEnded();
                if (DateTime.UtcNow - since > Stuck) Break($"stands still: {string.Join(", ", _active.Values.Select(one => one.Last))}");
            }
            Thread.Yield();
        }
    }

    /// <summary>One search alone, since how many more the engine would see before its next step is chance.</summary>
    private void Restart()
    {
        _plan.BeginStep();
        while (_active.Count == 0) Offer(_tickets.Next());
    }

    private void AfterStep(StepView view)
    {
        lock (_lock)
        {
            Step++;
            foreach (string law in EngineInvariants.Check(view)) Break(law);
            CheckMemory(view);
            CheckRows(view);
            SettleMissing(view);
            if (_broken.Count > 0 || _engine!.State != EngineState.Running) return;
            if (Step == _steps) _plan.IsOn = false;
            if (Step < _steps) Act();
            _plan.BeginStep();
            if (Step < _steps && _plan.Strikes(FaultKind.Defect)) throw new InvalidOperationException("injected: defect");
        }
    }

    /// <summary>What callers do.</summary>
    private void Act()
    {
        foreach (TrackedSearch search in _active.Values.ToList())
        {
            int dice = _random.Next(600);
            if (dice == 0) Cancel(search);
            if (dice == 1) Forget(search);
            if (dice == 2 && !search.IsForgotten) _engine!.Submit(search.Ticket).ShouldBeNull();
        }
        _givesBack = _random.Next(300) == 0;
        if (_givesBack) _engine!.GiveBack(_random.Next(1, 5), _random.Next(1, 5));
        if (_random.Next(3) == 0) _clock.Advance(TimeSpan.FromMilliseconds(1));
        if (_random.Next(4) == 0)
        {
            while (_active.Count < _settings.InFlight) Offer(_lost.TryDequeue(out SearchTicket? lost) ? lost : _tickets.Next());
        }
        // Whatever ends before the next step, one search makes it happen.
        if (_givesBack || !_active.Values.Any(IsLasting)) Offer(Tickets.Greedy([1, 2, 3], 3));
    }

    private bool IsLasting(TrackedSearch search) => !search.IsCancelled && !search.IsForgotten
        && !(search.Ticket.Deadline <= _clock.GetUtcNow()) && (search.Last is { Life: SearchLife.Prefilling or SearchLife.Decoding });

    private void Cancel(TrackedSearch search)
    {
        search.IsCancelled = true;
        _engine!.Cancel(search.Id);
    }

    private void Forget(TrackedSearch search)
    {
        search.IsForgotten = true;
        _engine!.Forget(search.Id);
    }

    private void Offer(SearchTicket ticket)
    {
        if (_active.ContainsKey(ticket.Id)) return;
        if (_random.Next(12) == 0) ticket = ticket with { Deadline = _clock.GetUtcNow().AddMilliseconds(_random.Next(0, 20)) };
        BeamlineError? refusal = _engine!.Submit(ticket);
        if (refusal is not null)
        {
            CheckRefusal(ticket, refusal);
            return;
        }
        Searches++;
        TrackedSearch search = new(ticket, Step) { GoesOn = _random.Next(2) == 0 };
        _active.Add(ticket.Id, search);
        if (_random.Next(20) != 0) return;
        search.Readers.Add(Task.Run(() => ReadAsync(ticket.Id)));
        search.Readers.Add(Task.Run(() => ReadAsync(ticket.Id)));
    }

    private async Task<List<SearchEvent>?> ReadAsync(SearchId search)
    {
        try
        {
            return (await _engine!.ReadToEndAsync(search)).Events;
        }
        catch (BeamlineException e) when (e.Error.Code == BeamlineErrorCode.RequestNotFound)
        {
            return null;
        }
    }

    private void CheckRefusal(SearchTicket ticket, BeamlineError refusal)
    {
        Count($"refused {refusal.Code}");
        bool isTooLarge = BlocksOf(ticket, ticket.PromptIds.Length + ticket.Parameters.MaxNewTokens, ticket.Rows) > _settings.Blocks;
        bool isRight = refusal.Code == BeamlineErrorCode.InvalidRequest ? isTooLarge
            : refusal.Code == BeamlineErrorCode.Overloaded ? _active.Count >= QueuedSearches
            : refusal.Code == BeamlineErrorCode.NoWorker && _engine!.State != EngineState.Running;
        if (!isRight) Break($"refused without a reason: {refusal.Message}");
    }

    private int BlocksOf(SearchTicket ticket, int length, int rows) => _settings.IsPaged
        ? new PagedKvCache(HashModel.Description.Kv, HashModel.Context, 1, 1).Cost(rows, ticket.PromptIds.Length, length)
        : rows * ((length + 15) / 16);

    private void CheckMemory(StepView view)
    {
        int held = view.Running.Sum(search => search.Rows.Sum(row => PagesOf(row.Length)) + PagesOf(search.PromptLength));
        bool isHeld = _settings.IsPaged ? view.UsedBlocks <= held : view.UsedBlocks == held;
        if (!isHeld) Break($"{view.UsedBlocks} blocks are used, {held} needed");
        int planned = view.Running.Sum(search => search.Cost);
        if (view.UsedBlocks > planned) Break($"{view.UsedBlocks} blocks are used, {planned} planned");
        if (Step % CheckpointSteps != 0 || _backend!.Kv is not HostKvCache host) return;
        long resident = host.Memory.CountResident();
        MostResident = long.Max(MostResident, resident);
        if (resident > _settings.KvBytes * 105 / 100) Break($"{resident} bytes of KV are resident of {_settings.KvBytes}");
        if (resident < view.UsedBlocks * view.BlockBytes) Break($"{resident} bytes of KV are resident for {view.UsedBlocks} blocks");
    }

    private static int PagesOf(int length) => (length + 15) / 16;

    /// <summary>One pass feeds all rows of a search, so all of them are equally far.</summary>
    private void CheckRows(StepView view)
    {
        foreach (SearchView search in view.Running)
        {
            if (search.Rows.Select(row => row.Length).Distinct().Count() > 1)
            {
                Break($"rows of {search.Id} hold {string.Join(", ", search.Rows.Select(row => row.Length))} tokens");
            }
        }
        if (Step == _steps / 5) _warmBytes = MeasureProcess();
        if (Step == _steps) GrownBytes = MeasureProcess() - _warmBytes;
    }

    private static long MeasureProcess()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }

    private void CheckReaders(TrackedSearch search, List<SearchEvent> events)
    {
        foreach (Task<List<SearchEvent>?> reader in search.Readers)
        {
            if (!reader.Wait(Stuck)) Break($"a reader of {search.Id} never comes back");
            else if (reader.Result is { } read && !search.IsForgotten && !read.SequenceEqual(events))
            {
                Break($"{search.Id} was read otherwise");
            }
        }
    }

    /// <summary>All is over: nothing is kept, and the engine works.</summary>
    private void CheckEnd()
    {
        SearchTicket last = Tickets.Greedy([1, 2, 3], 5);
        lock (_lock)
        {
            _engine!.Submit(last).ShouldBeNull();
            _active.Add(last.Id, new TrackedSearch(last, Step));
        }
        SpinWait.SpinUntil(() => IsClean() && IsOver(), Stuck);
        if (!IsClean()) Break($"left behind: {_engine.Load}");
        if (_engine.State != EngineState.Running) Break($"is {_engine.State}");
        if (!IsOver()) Break("the last search does not end");
        if (!_engine.IsEmpty) Break("outputs are left");

        bool IsOver()
        {
            lock (_lock) return _active.Count == 0;
        }
    }

    private bool IsClean() =>
        _engine!.Load is { FreeRows: FaultSettings.Rows, KvUsedBytes: 0, QueuedSearches: 0, QueuedTokens: 0 };

    private void Count(string end) => _ends[end] = _ends.GetValueOrDefault(end) + 1;

    private void Break(string law)
    {
        lock (_lock)
        {
            if (_broken.Count < 5) _broken.Add($"step {Step}: {law}");
        }
    }

    private static string Show(ImmutableArray<FinishedHypothesis> found) => string.Join(
        "; ", found.Select(one => $"{one.Branch}: {string.Join(' ', one.Ids)} ({one.Score:R}, {one.Reason})"));

    private static string Show(SearchTicket ticket) =>
        $"[{string.Join(' ', ticket.PromptIds)}] {ticket.Parameters.Kind} x {ticket.Rows}, {ticket.Priority}, "
        + $"to {ticket.Parameters.MaxNewTokens}, "
        + $"from {ticket.Resume?.Step}";
}
