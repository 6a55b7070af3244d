using System.Collections.Concurrent;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Batching;
using Beamline.Engine.Configuration;
using Beamline.Engine.Outputs;
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
    private readonly Roster _roster;
    private readonly StepRunner _steps;
    private readonly ConcurrentQueue<EngineSearch> _inbox = new();
    private readonly ConcurrentQueue<SearchOutput> _cancels = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly long _streamInterval;
    private EngineCounters _before;
    private long _offeredRows;
    private long _receivedRows;
    private GiveBackWish? _giveBack;
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
        _streamInterval = (long)(options.StreamInterval.TotalSeconds * time.TimestampFrequency);
        KvBytes = kvBytes;
        _roster = new Roster(options.QueuedSearches, time) { Batch = new Batch(model, options, kvBytes, _watch, LogSearchFailed) };
        _steps = new StepRunner(model, options, _watch, _guard, _roster, LogSearchFailed);
        Room = new KvRoom(_roster.Batch.Kv);
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
        if (!_roster.TryCount(search, startsAtOnce)) return false;
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
                _roster.Abandon(Outcomes.Lost($"The engine of {Model.Name} failed."));
                TellDefect(e);
            }
        }
        Lifecycle.TryEnter(EngineState.Stopped);
        while (_inbox.TryDequeue(out EngineSearch? search)) _roster.AddLate(search);
        _roster.Abandon(Outcomes.Lost($"The worker of {Model.Name} has stopped."));
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
        _roster.Batch?.Dispose();
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
        if (_roster.Count > 0)
        {
            if (_roster.Batch is { } batch) Step(batch);
            // Came in at the last moment.
            else _roster.FinishAll(Outcomes.Lost($"The worker of {Model.Name} stopped while it recovered."));
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
            _roster.Add(search);
            _receivedRows += search.Ticket.Rows;
            // Asked for before it came: nobody asks again.
            if (search.Output.IsCancelRequested) _roster.Finish(search, Outcomes.Cancelled);
        }
        if (Interlocked.Exchange(ref _giveBack, null) is { } wish) _roster.GiveBack(wish, Outcomes.GivenBack(Model.Name));
        while (_cancels.TryDequeue(out SearchOutput? output)) _roster.Finish(output, Outcomes.Cancelled);
        _roster.FinishLate();
        if (_drain)
        {
            _drain = false;
            _roster.FinishAll(Outcomes.Lost($"The worker of {Model.Name} takes no searches any more."));
        }
    }

    private void Step(Batch batch)
    {
        bool isSound = _steps.TryRun(batch);
        if (_meter.IsDue) Publish();
        long now = _time.GetTimestamp();
        foreach (EngineSearch search in _roster.Running) search.Output.Deliver(now, _streamInterval);
        if (!isSound)
        {
            LogBroken(Model.Name);
            Lifecycle.TryEnter(EngineState.Recovering);
            _pace.Reset();
            _roster.FinishAll(Outcomes.Lost($"No forward pass of {Model.Name} succeeds."));
        }
        _model.AfterStep?.Invoke(StepViews.Of(batch, _roster, _options));
    }

    /// <summary>Puts the model onto the device again, when it is time to try.</summary>
    private void Recover()
    {
        if (Lifecycle.TryEnter(EngineState.Recovering)) _pace.Reset();     // a pass came back that had been given up
        _roster.FinishAll(Outcomes.Lost($"The worker of {Model.Name} recovers from trouble."));
        if (_roster.Batch is { } old)
        {
            // Whatever it was that failed, nothing of it is used again; its memory is wanted before the next one is opened.
            _roster.Batch = null;
            _before += old.Counters;
            old.Dispose();
            Publish();
        }
        if (_pace.Left is var left && left > TimeSpan.Zero)
        {
            // The clock may be another than the system's: a look now and then.
            _wake.Wait(left < RecoveryTick ? left : RecoveryTick);
            return;
        }
        try
        {
            Batch batch = _roster.Batch = new Batch(_model, _options, KvBytes, _watch, LogSearchFailed);
            if (batch.Probe.TryRun(decode: false) != true || batch.Probe.TryRun(decode: true) != true)
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

    private void Publish() => _meter.Publish(_roster, _receivedRows, Counters);

    private EngineCounters Counters => _roster.Batch is { } batch ? Sum(batch) : _before with { FailedPasses = _guard.FailedPasses };

    private EngineCounters Sum(Batch batch) => (_before + batch.Counters) with { FailedPasses = _guard.FailedPasses };
}
