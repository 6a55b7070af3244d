using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Batching;
using Beamline.Engine.Configuration;
using Beamline.Engine.Invariants;
using Beamline.Engine.Outputs;
using Beamline.Engine.Planning;
using Beamline.Engine.Reporting;
using Beamline.Engine.Searches;
using Microsoft.Extensions.Logging;

namespace Beamline.Engine.Loop;

/// <summary>
/// The engine's thread: drains what came in, plans, runs the passes, publishes, and sleeps when there is nothing to do. Nothing that goes
/// wrong in a step ends it.
/// </summary>
internal sealed partial class EngineLoop : IDisposable
{
    private static readonly TimeSpan RecoveryTick = TimeSpan.FromMilliseconds(20);

    private readonly EngineModel _model;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PassWatch _watch;
    private readonly PassGuard _guard;
    private readonly RecoveryPace _pace;
    private readonly LoadMeter _meter;
    private readonly DeadlineQueue _deadlines = new();
    private readonly List<EngineSearch> _running = [];
    private readonly List<EngineSearch> _decoding = [];
    private readonly Dictionary<SearchOutput, EngineSearch> _here = [];
    private readonly StepPlan _plan = new();
    private readonly PlannedSearch[] _waitingViews;
    private readonly PlannedSearch[] _runningViews;
    private readonly ConcurrentQueue<EngineSearch> _inbox = new();
    private readonly ConcurrentQueue<SearchOutput> _cancels = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly long _streamInterval;
    private WaitingLine _line = new();
    private Batch? _batch;
    private EngineCounters _before;
    private long _offeredRows;
    private long _receivedRows;
    private GiveBackWish? _giveBack;
    private int _waiting;
    private volatile bool _drain;
    private volatile bool _stop;

    public EngineLoop(EngineModel model, EngineOptions options, long kvBytes, TimeProvider time, ILogger logger)
    {
        _model = model;
        _options = options;
        _time = time;
        _logger = logger;
        _watch = new PassWatch(time);
        _guard = new PassGuard(model.Description.Name, this);
        _pace = new RecoveryPace(time, options.RecoveryPause);
        _meter = new LoadMeter(time, options.Rows);
        Lifecycle = new EngineLifecycle(time);
        _waitingViews = new PlannedSearch[options.Rows];
        _runningViews = new PlannedSearch[options.Rows];
        _streamInterval = (long)(options.StreamInterval.TotalSeconds * time.TimestampFrequency);
        KvBytes = kvBytes;
        _batch = new Batch(model, options, kvBytes, _watch, LogSearchFailed);
        Room = new KvRoom(_batch.Kv);
    }

    public ModelDescription Model => _model.Description;

    /// <summary>Memory that KV may take.</summary>
    public long KvBytes { get; }

    /// <summary>What fits into it; the same however often the model is put onto the device again.</summary>
    public KvRoom Room { get; }

    /// <summary>Where the engine is in its life.</summary>
    public EngineLifecycle Lifecycle { get; }

    public EngineLoad Load => _meter.Load;

    /// <summary>How long the present forward pass has taken so far; zero between passes.</summary>
    public TimeSpan PassDuration => _watch.Duration;

    /// <summary>Any thread: puts a search into the line, if it has room.</summary>
    /// <param name="search">The search.</param>
    /// <param name="startsAtOnce">Whether rows are free for it: then it only passes through the line, however short that is.</param>
    public bool TryEnqueue(EngineSearch search, bool startsAtOnce)
    {
        if (!startsAtOnce && Interlocked.Increment(ref _waiting) > _options.QueuedSearches)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }
        search.CountsAsWaiting = !startsAtOnce;
        Interlocked.Add(ref _offeredRows, search.Ticket.Rows);
        _inbox.Enqueue(search);
        _wake.Set();
        return true;
    }

    /// <summary>Any thread: whether a search would get its rows at once, as far as the last published load can tell.</summary>
    public bool HasRoomFor(EngineSearch search)
    {
        EngineLoad load = Load;
        long underWay = Interlocked.Read(ref _offeredRows) - load.ReceivedRows;
        return load.QueuedSearches == 0
            && load.FreeRows - underWay >= search.Ticket.Rows
            && load.KvUsedBytes + Room.BytesOf(search.RowsHeld, search.Ticket.PromptIds.Length, search.KnownTokens + 1) <= KvBytes;
    }

    /// <summary>Any thread: an output asks for its search to be ended.</summary>
    public void Cancel(SearchOutput output)
    {
        _cancels.Enqueue(output);
        _wake.Set();
    }

    /// <summary>Any thread: takes nothing new; what is here runs to its end.</summary>
    public void Close() => Lifecycle.TryEnter(EngineState.Draining);

    /// <summary>Any thread: ends everything as retryable and takes nothing new.</summary>
    public void RequestDrain()
    {
        Close();
        _drain = true;
        _wake.Set();
    }

    /// <summary>Any thread: ends waiting searches as retryable, so that they go where rows are free. The latest wish counts.</summary>
    public void RequestGiveBack(int rows, int widest)
    {
        Volatile.Write(ref _giveBack, new GiveBackWish(rows, widest));
        _wake.Set();
    }

    /// <summary>Any thread: ends the thread.</summary>
    public void RequestStop()
    {
        _stop = true;
        _wake.Set();
    }

    /// <summary>The thread's body.</summary>
    public void Run()
    {
        while (!_stop)
        {
            try
            {
                Turn();
            }
            catch (Exception e)
            {
                // A defect of ours: nothing of the state can be trusted, so everything moves elsewhere and the model is opened anew.
                Lifecycle.TryEnter(EngineState.Recovering);
                _pace.Reset();
                Abandon($"The engine of {Model.Name} failed.");
                TellDefect(e);
            }
        }
        Lifecycle.TryEnter(EngineState.Stopped);
        while (_inbox.TryDequeue(out EngineSearch? search)) _here[search.Output] = search;
        Abandon($"The worker of {Model.Name} has stopped.");
    }

    private void TellDefect(Exception defect)
    {
        try
        {
            LogDefect(defect, Model.Name);
        }
        catch (Exception)
        {
            // The log fails too; an exception that left the thread would end the process.
        }
    }

    /// <summary>Frees the model and its memory; the thread has ended.</summary>
    public void Dispose()
    {
        _batch?.Dispose();
        _wake.Dispose();
    }

    private void Turn()
    {
        _wake.Reset();
        Receive();
        if (Lifecycle.State is EngineState.Recovering or EngineState.Hanging)
        {
            Recover();
            return;
        }
        if (_running.Count + _line.Count > 0)
        {
            if (_batch is { } batch) Step(batch);
            else EndAll(Outcomes.Lost($"The worker of {Model.Name} stopped while it recovered."));      // came in at the last moment
            return;
        }
        Publish();
        if (_inbox.IsEmpty && _cancels.IsEmpty && !_stop && !_drain) _wake.Wait();
    }

    /// <summary>Takes what came in: searches, cancellations, deadlines, the wish to drain.</summary>
    private void Receive()
    {
        while (_inbox.TryDequeue(out EngineSearch? search))
        {
            _here.Add(search.Output, search);
            _deadlines.Add(search);
            _receivedRows += search.Ticket.Rows;
            _line.Add(search);
            // Asked for before it came: nobody asks again.
            if (search.Output.IsCancelRequested) Finish(search, Outcomes.Cancelled);
        }
        if (Interlocked.Exchange(ref _giveBack, null) is { } wish) GiveBack(wish);
        while (_cancels.TryDequeue(out SearchOutput? output))
        {
            if (_here.TryGetValue(output, out EngineSearch? search)) Finish(search, Outcomes.Cancelled);
        }
        while (_deadlines.TryTakeDue(_time, out EngineSearch? late)) EndLate(late);
        if (_drain)
        {
            _drain = false;
            EndAll(Outcomes.Lost($"The worker of {Model.Name} takes no searches any more."));
        }
    }

    private void Step(Batch batch)
    {
        Plan(batch);
        foreach (int place in _plan.Preempt) GiveWay(batch, _running[place]);
        if (_plan.Outgrown >= 0) _running[_plan.Outgrown].End(Outcomes.OutOfRoom(Model.Name, _running[_plan.Outgrown].KnownTokens));
        _running.RemoveAll(static search => search.Life == SearchLife.Preempted);
        for (int i = 0; i < _plan.Admit; i++) Admit(batch);
        ReadOnlySpan<PrefillChunk> chunks = CollectionsMarshal.AsSpan(_plan.Prefill);
        while (!chunks.IsEmpty && Lifecycle.State != EngineState.Recovering) chunks = Prefill(batch, chunks);
        if (Lifecycle.State != EngineState.Recovering) Decode(batch);
        _running.RemoveAll(static search => search.Life is SearchLife.Preempted or SearchLife.Ended);
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].Life == SearchLife.Ending) Leave(_running[i]);
        }
        if (_meter.IsDue) Publish();
        long now = _time.GetTimestamp();
        foreach (EngineSearch search in _running) search.Output.Deliver(now, _streamInterval);
        _model.AfterStep?.Invoke(View(batch));
    }

    private void Plan(Batch batch)
    {
        int waiting = _line.CopyFront(_waitingViews, batch.Describer);
        int prefill = _options.PrefillTokens;
        for (int i = 0; i < _running.Count; i++)
        {
            _runningViews[i] = batch.Describe(_running[i]);
            // Somebody waits while prompts are computed: no longer than they are to.
            if (_running[i].Life == SearchLife.Decoding && _watch.SecondsPerPromptToken > 0)
            {
                prefill = (int)double.Clamp(_options.PrefillTime.TotalSeconds / _watch.SecondsPerPromptToken, 2, _options.PrefillTokens);
            }
        }
        PlannerLimits limits = new(_options.Rows, batch.Kv.Blocks, prefill);
        StepPlanner.Plan(_waitingViews.AsSpan(0, waiting), _runningViews.AsSpan(0, _running.Count), limits, _plan);
    }

    /// <summary>A running search waits again, to go on later; one that could never go on here moves.</summary>
    private void GiveWay(Batch batch, EngineSearch search)
    {
        if (!search.IsActive) return;
        if (batch.CostOf(search) > batch.Kv.Blocks)
        {
            search.End(Outcomes.OutOfRoom(Model.Name, search.KnownTokens));
            return;
        }
        batch.Preempt(search);
        _line.Return(search);
        search.CountsAsWaiting = true;
        Interlocked.Increment(ref _waiting);
        search.Output.Deliver(long.MaxValue, 0);
    }

    /// <summary>
    /// Starts the search that the plan saw at the front. Preempted ones went behind it: the plan admits interactive searches first.
    /// </summary>
    private void Admit(Batch batch)
    {
        EngineSearch search = _line.Take();
        StopCounting(search);
        _running.Add(search);
        try
        {
            batch.Start(search);
        }
        catch (Exception e)
        {
            LogSearchFailed(search, e);
            search.End(Outcomes.Defective);
        }
    }

    /// <summary>Prefills the next chunk, or as many as one pass takes.</summary>
    /// <returns>The chunks that are left.</returns>
    private ReadOnlySpan<PrefillChunk> Prefill(Batch batch, ReadOnlySpan<PrefillChunk> chunks)
    {
        PrefillChunk chunk = chunks[0];
        EngineSearch first = _running[chunk.Search];
        if (first.Life != SearchLife.Prefilling) return chunks[1..];      // it has ended, or begins with its rows
        ReadOnlySpan<EngineSearch> group = batch.Prompts.Group(chunks, _running);
        int count = group.Length;
        try
        {
            if (count == 1 || !batch.Prompts.TryRun(group))
            {
                foreach (EngineSearch search in group) PrefillAlone(batch, search, count > 1 ? int.MaxValue : chunk.Tokens);
            }
            _guard.Succeeded(decode: false);
        }
        catch (ForwardException e)
        {
            if (!TryCarryOn(batch, e, group, chunk.Tokens)) return [];
        }
        return chunks[count..];
    }

    // Apart, since what it hands over would cost every pass an allocation.
    private bool TryCarryOn(Batch batch, ForwardException failure, ReadOnlySpan<EngineSearch> group, int tokens)
    {
        int piece = group.Length > 1 ? int.MaxValue : tokens;
        PassVerdict verdict = _guard.Handle(failure, group, decode: false, batch, search => PrefillAlone(batch, search, piece));
        Judge(verdict);
        return verdict == PassVerdict.Sound;
    }

    private void PrefillAlone(Batch batch, EngineSearch search, int tokens)
    {
        if (search.Life == SearchLife.Prefilling && !batch.Prompts.TryRun(search, tokens)) FindRoom(batch, search);
    }

    private void Decode(Batch batch)
    {
        _decoding.Clear();
        foreach (EngineSearch search in _running)
        {
            if (search.Life != SearchLife.Decoding) continue;
            if (batch.Decoding.IsAtBorder(search)) Recompute(batch, search);
            else _decoding.Add(search);
        }
        _decoding.RemoveAll(static search => search.Life != SearchLife.Decoding);
        if (_decoding.Count == 0) return;
        ReadOnlySpan<EngineSearch> group = CollectionsMarshal.AsSpan(_decoding);
        try
        {
            if (!batch.Decoding.TryRun(group)) FindRoom(batch, _decoding[^1]);
            else _guard.Succeeded(decode: true);
        }
        catch (ForwardException e)
        {
            DecodeFailed(batch, e, group);
        }
    }

    private void DecodeFailed(Batch batch, ForwardException failure, ReadOnlySpan<EngineSearch> group) =>
        Judge(_guard.Handle(failure, group, decode: true, batch, search => DecodeAlone(batch, search)));

    private void DecodeAlone(Batch batch, EngineSearch search)
    {
        if (!batch.Decoding.TryRun([search])) FindRoom(batch, search);
    }

    private void Recompute(Batch batch, EngineSearch search)
    {
        try
        {
            if (!batch.Decoding.TryRecompute(search)) search.End(Outcomes.Lost($"{Model.Name} had no memory to compute the search again."));
        }
        catch (ForwardException e)
        {
            search.End(Outcomes.Lost($"A forward pass of {Model.Name} failed."));
            Judge(_guard.Handle(e, [], decode: false, batch, static _ => { }));
        }
    }

    /// <summary>
    /// There is less memory than the plan counted on: a search gives way, or moves when there is nobody to give way to.
    /// </summary>
    private void FindRoom(Batch batch, EngineSearch search)
    {
        if (_running.Count(static one => one.IsActive) > 1) GiveWay(batch, search);
        else search.End(Outcomes.Lost($"There is no memory for the KV cache of {Model.Name} at present."));
    }

    private void Judge(PassVerdict verdict)
    {
        if (verdict == PassVerdict.Sound) return;
        SearchOutcome lost = Outcomes.Lost($"A forward pass of {Model.Name} failed.");
        foreach (EngineSearch search in _running)
        {
            if (search.IsActive) search.End(lost);      // one that gave way in this step is in the line
        }
        if (verdict == PassVerdict.Emptied) return;
        LogBroken(Model.Name);
        Lifecycle.TryEnter(EngineState.Recovering);
        _pace.Reset();
        foreach (EngineSearch search in _line.All().ToList())
        {
            search.End(lost);
            LeaveLine(search);
        }
    }

    /// <summary>Puts the model onto the device again, when it is time to try.</summary>
    private void Recover()
    {
        if (Lifecycle.TryEnter(EngineState.Recovering)) _pace.Reset();     // a pass came back that had been given up
        EndAll(Outcomes.Lost($"The worker of {Model.Name} recovers from trouble."));
        if (_batch is { } old)
        {
            // Whatever it was that failed, nothing of it is used again; its memory is wanted before the next one is opened.
            _batch = null;
            _before += old.Counters;
            old.Dispose();
        }
        if (_pace.Left is var left && left > TimeSpan.Zero)
        {
            // The clock may be another than the system's: a look now and then.
            _wake.Wait(left < RecoveryTick ? left : RecoveryTick);
            return;
        }
        try
        {
            _batch = new Batch(_model, _options, KvBytes, _watch, LogSearchFailed);
            if (_batch.Probe.TryRun(decode: false) != true || _batch.Probe.TryRun(decode: true) != true)
            {
                LogStillBroken(Model.Name);
                _pace.Failed();
                return;
            }
        }
        catch (Exception e)
        {
            LogReopenFailed(e, Model.Name);
            _pace.Failed();
            return;
        }
        _guard.Reset();
        _before += default(EngineCounters) with { Recoveries = 1 };
        if (Lifecycle.TryEnter(EngineState.Running)) LogRecovered(Model.Name);
    }

    private void StopCounting(EngineSearch search)
    {
        if (search.CountsAsWaiting) Interlocked.Decrement(ref _waiting);
        search.CountsAsWaiting = false;
    }

    /// <summary>
    /// From the front, since those have waited longest; one that has generated here keeps its place, as moving it costs a replay.
    /// </summary>
    private void GiveBack(GiveBackWish wish)
    {
        SearchOutcome given = Outcomes.GivenBack(Model.Name);
        int rows = wish.Rows;
        foreach (EngineSearch search in _line.InOrder().ToList())
        {
            if (rows == 0) break;
            if (search.Search is not null || search.Ticket.Rows > int.Min(rows, wish.Widest)) continue;
            rows -= search.Ticket.Rows;
            Finish(search, given);
        }
    }

    private void EndAll(SearchOutcome outcome)
    {
        foreach (EngineSearch search in _here.Values.ToList()) Finish(search, outcome);
    }

    /// <summary>A search whose deadline passed has what it generated, if anything.</summary>
    private void EndLate(EngineSearch search)
    {
        if (search.Search is { Step: > 0, IsDone: false } && _batch is { } batch)
        {
            batch.Stop(search, SearchEndReason.Deadline);
            Finish(search, search.Outcome!);
        }
        else Finish(search, Outcomes.TooLate);
    }

    /// <summary>Between steps: ends a search, wherever it is.</summary>
    private void Finish(EngineSearch search, SearchOutcome outcome)
    {
        search.End(outcome);
        if (_running.Contains(search)) Leave(search);
        else LeaveLine(search);
    }

    /// <summary>A search that waits leaves.</summary>
    private void LeaveLine(EngineSearch search)
    {
        _line.Remove(search);
        _batch?.Leave(search);
        Complete(search);
    }

    /// <summary>A search that ran leaves.</summary>
    private void Leave(EngineSearch search)
    {
        _batch!.Leave(search);
        _running.Remove(search);
        _line.Settle(search);
        Complete(search);
    }

    private void Complete(EngineSearch search)
    {
        search.Enter(SearchLife.Ended);
        StopCounting(search);
        _here.Remove(search.Output);
        _deadlines.Remove(search);
        search.Output.TryComplete(
            search.Outcome! with { PrefilledTokens = search.PrefilledTokens, CachedTokens = search.CachedTokens });
    }

    /// <summary>Ends everything without trusting anything of what is here.</summary>
    private void Abandon(string message)
    {
        SearchOutcome lost = Outcomes.Lost(message);
        foreach (EngineSearch search in _here.Values)
        {
            StopCounting(search);
            search.Output.TryComplete(lost);
        }
        _here.Clear();
        _deadlines.Clear();
        _running.Clear();
        _decoding.Clear();
        _line = new WaitingLine();
    }

    private void Publish() => _meter.Publish(_batch, _running, _line, _receivedRows, Counters);

    private EngineCounters Counters => _batch is { } batch ? Sum(batch) : _before with { FailedPasses = _guard.FailedPasses };

    private EngineCounters Sum(Batch batch) => (_before + batch.Counters) with { FailedPasses = _guard.FailedPasses };

    private StepView View(Batch batch) => new(
        batch.Kv.Blocks,
        batch.Kv.UsedBlocks,
        batch.Kv.BlockBytes,
        batch.Kv.ResidentBytes,
        _options.Rows,
        batch.OpenRows,
        _options.PrefixCacheBytes,
        batch.PrefixBytes,
        [.. _running.Select(search => ViewOf(batch, search))],
        [.. _line.All().Select(search => ViewOf(batch, search))],
        _here.Count);

    private static SearchView ViewOf(Batch batch, EngineSearch search) => new(
        search.Ticket.Id,
        search.Life,
        search.Ticket.Rows,
        search.RowsHeld,
        search.Search?.LiveCount ?? 0,
        search.KnownTokens,
        batch.CostOf(search),
        search.PromptSequence,
        search.PromptDone,
        search.PromptSequence < 0 ? 0 : batch.Kv.Length(search.PromptSequence),
        [.. search.Rows.Take(search.RowCount).Select(row => new RowView(row.Sequence, row.KnownCount, batch.Kv.Length(row.Sequence)))]);
}
