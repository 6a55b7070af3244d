using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Batching;
using Beamline.Engine.Planning;
using Microsoft.Extensions.Logging;

namespace Beamline.Engine;

/// <summary>
/// The engine's thread: drains what came in, plans, runs the passes, publishes, and sleeps when there is nothing to do.
/// </summary>
internal sealed partial class BatchLoop : IDisposable
{
    private const int MaxFailures = 3;

    private readonly EngineModel _model;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PlannerLimits _limits;
    private readonly Batch _batch;
    private readonly LoadMeter _meter;
    private readonly WaitingLine _line = new();
    private readonly List<EngineSearch> _running = [];
    private readonly StepPlan _plan = new();
    private readonly PlannedSearch[] _waitingViews;
    private readonly PlannedSearch[] _runningViews;
    private readonly EngineSearch[] _together;
    private readonly ConcurrentQueue<EngineSearch> _inbox = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly long _streamInterval;
    private long _offeredRows;
    private long _receivedRows;
    private GiveBackWish? _giveBack;
    private int _waiting, _deadlines, _failures;
    private volatile bool _cancels;
    private volatile bool _drain;
    private volatile bool _stop;
    private volatile EngineState _state;

    public BatchLoop(EngineModel model, EngineOptions options, TimeProvider time, ILogger logger)
    {
        _model = model;
        _options = options;
        _time = time;
        _logger = logger;
        _batch = new Batch(model, options, time);
        KvBytes = _batch.KvBytes;
        _limits = new(options.Rows, KvBytes, options.PrefillTokens);
        _meter = new LoadMeter(time, options.Rows);
        _waitingViews = new PlannedSearch[options.Rows];
        _runningViews = new PlannedSearch[options.Rows];
        _together = new EngineSearch[options.Rows];
        _streamInterval = (long)(options.StreamInterval.TotalSeconds * time.TimestampFrequency);
    }

    public ModelDescription Model => _model.Description;

    public long KvBytes { get; }

    public EngineState State => _state;

    public EngineLoad Load => _meter.Load;

    /// <summary>How long the present forward pass has taken so far; zero between passes.</summary>
    public TimeSpan PassDuration => _batch.PassDuration;

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
            && load.KvUsedBytes + search.KvHeld <= KvBytes;
    }

    /// <summary>Any thread: some outputs ask to be cancelled.</summary>
    public void RequestCancels()
    {
        _cancels = true;
        _wake.Set();
    }

    /// <summary>Any thread: takes nothing new; what is here runs to its end.</summary>
    public void Close() => Interlocked.CompareExchange(ref _state, EngineState.Draining, EngineState.Running);

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

    /// <summary>The watchdog: declares the engine unhealthy.</summary>
    /// <returns>Whether it was not before.</returns>
    public bool GiveUp()
    {
        if (_state == EngineState.Unhealthy) return false;
        _state = EngineState.Unhealthy;
        return true;
    }

    /// <summary>The thread's body.</summary>
    public void Run()
    {
        while (!_stop)
        {
            _wake.Reset();
            Receive();
            if (_running.Count + _line.Count == 0)
            {
                _meter.Publish(_batch, _running, _line, _receivedRows);
                if (_inbox.IsEmpty && !_stop && !_drain && !_cancels) _wake.Wait();
                continue;
            }
            try
            {
                Step();
            }
            catch (Exception e)
            {
                // A defect of ours: nothing of the state can be trusted, so everything moves elsewhere.
                LogDefect(e, Model.Name);
                _state = EngineState.Unhealthy;
                EndAll($"The engine of {Model.Name} failed.");
            }
        }
        if (_state != EngineState.Unhealthy) _state = EngineState.Stopped;
        Receive();
        EndAll($"The worker of {Model.Name} has stopped.");
    }

    /// <summary>Frees the session and its memory; the thread has ended.</summary>
    public void Dispose()
    {
        _batch.Dispose();
        _wake.Dispose();
    }

    /// <summary>Takes what came in: searches, cancellations, deadlines, the wish to drain.</summary>
    private void Receive()
    {
        while (_inbox.TryDequeue(out EngineSearch? search))
        {
            if (search.Ticket.Deadline is not null) _deadlines++;
            _receivedRows += search.Ticket.Rows;
            _line.Add(search);
        }
        if (Interlocked.Exchange(ref _giveBack, null) is { } wish) GiveBack(wish);
        if (_cancels)
        {
            _cancels = false;
            EndWhere(static (search, _) => search.Output.IsCancelRequested, SearchEndReason.None);
        }
        if (_deadlines > 0) EndWhere(static (search, now) => search.Ticket.Deadline <= now, SearchEndReason.Deadline);
        if (_drain || _state == EngineState.Unhealthy)
        {
            _drain = false;
            EndAll($"The worker of {Model.Name} takes no searches any more.");
        }
    }

    private void Step()
    {
        Plan();
        foreach (int place in _plan.Preempt) Preempt(place);
        for (int i = 0; i < _plan.Admit; i++) Admit();
        ReadOnlySpan<PrefillChunk> chunks = CollectionsMarshal.AsSpan(_plan.Prefill);
        while (!chunks.IsEmpty) chunks = Prefill(chunks);
        if (_batch.Decoding.Count > 0) Decode();
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            EngineSearch search = _running[i];
            if (search.Defect is { } defect) EndDefective(i, defect);
            else if (search.IsLost) End(i, InferenceEngine.Lost($"A forward pass of {Model.Name} failed."));
            else if (search.Search!.IsDone) End(i, Completed(search));
        }
        _meter.Measure(_batch, _running, _line, _receivedRows);
        long now = _time.GetTimestamp();
        foreach (EngineSearch search in _running) search.Output.Deliver(now, _streamInterval);
    }

    private void Plan()
    {
        int waiting = _line.CopyFront(_waitingViews);
        for (int i = 0; i < _running.Count; i++) _runningViews[i] = _running[i].ToPlanned();
        StepPlanner.Plan(_waitingViews.AsSpan(0, waiting), _runningViews.AsSpan(0, _running.Count), _limits, _plan);
    }

    private void Preempt(int place)
    {
        EngineSearch search = _running[place];
        _batch.Preempt(search);
        _running.RemoveAt(place);
        _line.Return(search);
        search.CountsAsWaiting = true;
        Interlocked.Increment(ref _waiting);
        search.Output.Deliver(long.MaxValue, 0);
    }

    /// <summary>
    /// Starts the search that the plan saw at the front. Preempted ones went behind it: the plan admits interactive searches first.
    /// </summary>
    private void Admit()
    {
        EngineSearch search = _line.Take();
        StopCounting(search);
        _running.Add(search);
        try
        {
            _batch.Start(search);
        }
        catch (Exception e)
        {
            search.Defect = e;
        }
    }

    /// <summary>Prefills the next chunk, or as many as fit into one pass.</summary>
    /// <returns>The chunks that are left.</returns>
    private ReadOnlySpan<PrefillChunk> Prefill(ReadOnlySpan<PrefillChunk> chunks)
    {
        int count = _batch.CountTogether(chunks, _running);
        for (int i = 0; i < count; i++) _together[i] = _running[chunks[i].Search];
        ReadOnlySpan<EngineSearch> searches = _together.AsSpan(0, count);
        try
        {
            if (count > 1) _batch.PrefillTogether(searches);
            // One that moved here with nothing left to do is done at once.
            else if (searches[0] is { Defect: null, IsLost: false, Search.IsDone: false } search) _batch.Prefill(search, chunks[0].Tokens);
            _failures = 0;
        }
        catch (ForwardException e)
        {
            foreach (EngineSearch search in searches) search.IsLost = true;
            Recover(e);
        }
        return chunks[count..];
    }

    private void StopCounting(EngineSearch search)
    {
        if (search.CountsAsWaiting) Interlocked.Decrement(ref _waiting);
        search.CountsAsWaiting = false;
    }

    /// <summary>Ends searches that wait.</summary>
    private void EndWaiting(List<EngineSearch> searches, Func<EngineSearch, SearchOutcome> outcome)
    {
        foreach (EngineSearch search in searches)
        {
            _line.Remove(search);
            StopCounting(search);
            Complete(search, outcome(search));
        }
    }

    private void Decode()
    {
        try
        {
            _batch.Decode();
            _failures = 0;
        }
        catch (ForwardException e)
        {
            foreach (EngineSearch search in _batch.Decoding) search.IsLost = true;
            Recover(e);
        }
    }

    /// <summary>After a failed pass: a new session, or the end of the engine when that does not help.</summary>
    private void Recover(ForwardException failure)
    {
        LogPassFailed(failure, Model.Name);
        try
        {
            _batch.RebuildSession();
        }
        catch (Exception e)
        {
            LogRebuildFailed(e, Model.Name);
            _failures = MaxFailures;
        }
        if (++_failures < MaxFailures) return;
        LogUnhealthy(Model.Name);
        _state = EngineState.Unhealthy;     // Receive ends the rest
    }

    private void EndWhere(Func<EngineSearch, DateTimeOffset, bool> condition, SearchEndReason reason)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (_line.Count > 0) EndWaiting([.. _line.All().Where(search => condition(search, now))], search => Ended(search, reason));
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (condition(_running[i], now)) End(i, Ended(_running[i], reason));
        }
    }

    /// <summary>
    /// From the front, since those have waited longest; one that has generated here keeps its place, as moving it costs a replay.
    /// </summary>
    private void GiveBack(GiveBackWish wish)
    {
        SearchOutcome given = InferenceEngine.GivenBack(Model.Name);
        List<EngineSearch> going = [];
        int rows = wish.Rows;
        foreach (EngineSearch search in _line.InOrder())
        {
            if (rows == 0) break;
            if (search.Search is not null || search.Ticket.Rows > int.Min(rows, wish.Widest)) continue;
            rows -= search.Ticket.Rows;
            going.Add(search);
        }
        EndWaiting(going, _ => given);
    }

    private void EndAll(string message)
    {
        SearchOutcome lost = InferenceEngine.Lost(message);
        EndWaiting([.. _line.All()], _ => lost);
        for (int i = _running.Count - 1; i >= 0; i--) End(i, lost);
    }

    private void EndDefective(int place, Exception defect)
    {
        LogSearchFailed(defect, _running[place].Ticket.Id);
        End(place, Failed(BeamlineErrorCode.Internal, "The search failed by a fault of Beamline's own."));
    }

    private void End(int place, SearchOutcome outcome)
    {
        EngineSearch search = _running[place];
        _batch.Leave(search);
        _running.RemoveAt(place);
        _line.Settle(search);
        Complete(search, outcome);
    }

    private void Complete(EngineSearch search, SearchOutcome outcome)
    {
        if (search.Ticket.Deadline is not null) _deadlines--;
        search.Output.TryComplete(outcome with { PrefilledTokens = search.PrefilledTokens, CachedTokens = search.CachedTokens });
    }

    /// <summary>A cancelled search has no result; one whose deadline passed has what it generated, if anything.</summary>
    private SearchOutcome Ended(EngineSearch search, SearchEndReason reason)
    {
        if (reason == SearchEndReason.None) return Failed(BeamlineErrorCode.Cancelled, "The request was cancelled.");
        if (search.Search is not { Step: > 0 })
        {
            return Failed(BeamlineErrorCode.DeadlineExceeded, "The deadline passed before the first token.");
        }
        _batch.Stop(search, reason);
        return Completed(search);
    }

    private static SearchOutcome Completed(EngineSearch search) => new(search.Search!.GetResults(), null, Retryable: false, 0, 0);

    private static SearchOutcome Failed(BeamlineErrorCode code, string message) =>
        new([], BeamlineError.Of(code, message), Retryable: false, 0, 0);
}
