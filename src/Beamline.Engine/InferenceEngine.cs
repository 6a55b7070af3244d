using System.Collections.Concurrent;
using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Configuration;
using Beamline.Engine.Loop;
using Beamline.Engine.Memory;
using Beamline.Engine.Outputs;
using Beamline.Engine.Reporting;
using Beamline.Engine.Searches;
using Microsoft.Extensions.Logging;

namespace Beamline.Engine;

/// <summary>
/// Generates for many searches at once on one device: a thread of its own, a bounded line in, outputs to read from. All public members
/// are safe for concurrent use; none of them waits for the thread but <see cref="ReadAsync"/>.
/// </summary>
public sealed partial class InferenceEngine : IDisposable
{
    private static readonly TimeSpan StopPause = TimeSpan.FromSeconds(1);

    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EngineLoop _loop;
    private readonly Thread _thread;
    private readonly EventChunkPool _chunks = new();
    private readonly ConcurrentDictionary<SearchId, SearchOutput> _outputs = new();
    private readonly long _streamInterval;
    private readonly long _prefixBytes;
    private long _arrivals;
    private int _disposed;

    /// <summary>Opens the session and starts the thread.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Limits; checked by the caller.</param>
    /// <param name="time">Clock of deadlines and deliveries.</param>
    /// <param name="logger">Where to say what happened; prompts and outputs are never logged.</param>
    /// <exception cref="BeamlineException">The model cannot be loaded, or there is no memory for its KV cache.</exception>
    public InferenceEngine(EngineModel model, EngineOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _streamInterval = (long)(options.StreamInterval.TotalSeconds * time.TimestampFrequency);
        KvBytes = KvBudget.Choose(model.Description, options, weightBytes: 0, FreeMemory.Read());
        _loop = new EngineLoop(model, options, KvBytes, time, logger);
        _prefixBytes = long.Min(options.PrefixCacheBytes, KvBytes);
        _thread = new Thread(_loop.Run) { IsBackground = true, Name = $"engine {model.Description.Name}" };
        _thread.Start();
    }

    /// <summary>The model.</summary>
    public ModelDescription Model => _loop.Model;

    /// <summary>Rows of the batch.</summary>
    public int Rows => _options.Rows;

    /// <summary>Memory that KV may take.</summary>
    public long KvBytes { get; }

    /// <summary>Bytes that it may still take beside those in use: what is left of its KV and its cache of prompts.</summary>
    public long PromisedBytes => long.Max(0, KvBytes - Load.KvResidentBytes) + long.Max(0, _prefixBytes - Load.PrefixBytes);

    /// <summary>Whether it has no searches, not even ended ones that somebody still reads.</summary>
    public bool IsEmpty => _outputs.IsEmpty;

    /// <summary>Where the engine is in its life.</summary>
    public EngineState State => _loop.Lifecycle.State;

    /// <summary>Whether it has not worked for longer than <see cref="EngineOptions.RecoveryLimit"/>, in spite of all tries.</summary>
    public bool IsBeyondRecovery => _loop.Lifecycle.TroubledFor > _options.RecoveryLimit;

    /// <summary>How busy it is.</summary>
    public EngineLoad Load => _loop.Load;

    /// <summary>Offers a search; answers at once. Offering one that is here already changes nothing, unless it was lost.</summary>
    /// <param name="ticket">The search.</param>
    /// <param name="mayWait">Whether it is to be taken when it would have to wait for rows.</param>
    /// <returns>Null when taken; else why not.</returns>
    public BeamlineError? Submit(SearchTicket ticket, bool mayWait = true)
    {
        if (_outputs.TryGetValue(ticket.Id, out SearchOutput? known))
        {
            if (known.Serves(ticket)) return null;
            Forget(ticket.Id);      // lost, or cut or begun otherwise: nobody reads it any more
        }
        if (State != EngineState.Running) return Closed();
        EngineSearch search = new(ticket, Interlocked.Increment(ref _arrivals), new SearchOutput(ticket, _chunks, _time));
        if (Misfit(search) is { } misfit) return misfit;
        bool startsAtOnce = _loop.HasRoomFor(search);
        if (!mayWait && !startsAtOnce)
        {
            return BeamlineError.Of(BeamlineErrorCode.Overloaded, $"No rows are free for {Model.Name} at present.", EstimateWait());
        }
        if (!_outputs.TryAdd(ticket.Id, search.Output)) return null;
        if (State != EngineState.Running)
        {
            // Closed since it was looked at: whoever closed it may have seen it empty, and gone on.
            _outputs.TryRemove(ticket.Id, out _);
            return Closed();
        }
        if (!_loop.TryEnqueue(search, startsAtOnce))
        {
            _outputs.TryRemove(ticket.Id, out _);
            return BeamlineError.Of(
                BeamlineErrorCode.Overloaded,
                $"{Counted.Of(_options.QueuedSearches, "search waits", "searches wait")} for {Model.Name} already.",
                EstimateWait());
        }
        return null;
    }

    /// <summary>Waits until events from a position on are there, a bounded time, and returns all that are ready.</summary>
    /// <param name="search">The search.</param>
    /// <param name="from">The first event wanted, counted from 0; any part may be read again until the search is forgotten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">The engine does not have the search.</exception>
    public ValueTask<SearchReading> ReadAsync(SearchId search, long from, CancellationToken cancellationToken) =>
        _outputs.TryGetValue(search, out SearchOutput? output)
            ? output.ReadAsync(from, _streamInterval, _options.ReadWait, cancellationToken)
            : throw new BeamlineException(BeamlineErrorCode.RequestNotFound, $"Search {search} is not known here.");

    /// <summary>Ends a search within one step; nothing happens when it is not here or has ended.</summary>
    public void Cancel(SearchId search)
    {
        if (_outputs.TryGetValue(search, out SearchOutput? output) && output.RequestCancel()) _loop.Cancel(output);
    }

    /// <summary>Forgets a search that has ended, and ends one that has not.</summary>
    public void Forget(SearchId search)
    {
        if (!_outputs.TryRemove(search, out SearchOutput? output)) return;
        if (output.RequestCancel()) _loop.Cancel(output);
        if (output.IsComplete) output.Forget();
    }

    /// <summary>Forgets searches that nobody has read for so long.</summary>
    public void ForgetUnread(TimeSpan age)
    {
        foreach (SearchOutput output in _outputs.Values)
        {
            if (output.SinceLastRead >= age) Forget(output.Id);
        }
    }

    /// <summary>Ends searches that wait and never began as retryable, from the front of the line: others have room for them.</summary>
    /// <param name="rows">Rows of all of them, at most.</param>
    /// <param name="widest">Rows of one of them, at most.</param>
    public void GiveBack(int rows, int widest) => _loop.RequestGiveBack(rows, widest);

    /// <summary>Takes no new searches from now on; those it has run to their end.</summary>
    public void Close() => _loop.Close();

    /// <summary>Takes no new searches from now on and ends those it has as retryable.</summary>
    public void Drain() => _loop.RequestDrain();

    /// <summary>
    /// Reports a forward pass that does not come back: its searches end as retryable and the engine takes no others until it is back.
    /// </summary>
    /// <returns>Whether one hangs.</returns>
    public bool CheckHang()
    {
        if (_loop.PassDuration < _options.HangTimeout) return false;
        if (_loop.Lifecycle.TryEnter(EngineState.Hanging)) LogHang(Model.Name, _options.HangTimeout);
        SearchOutcome lost = Outcomes.Lost($"A forward pass of {Model.Name} hangs.");
        foreach (SearchOutput output in _outputs.Values) output.TryComplete(lost);
        return true;
    }

    /// <summary>Stops the thread after its present step; searches that run end as retryable. A second call changes nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        _loop.RequestStop();
        do
        {
            // A pass that hangs never comes back: the thread is a background one and goes with the process, and so does its memory.
            if (_loop.PassDuration >= _options.HangTimeout) return;
        }
        while (!_thread.Join(StopPause));
        SearchOutcome lost = Outcomes.Lost($"The worker of {Model.Name} has stopped.");
        foreach (SearchOutput output in _outputs.Values) output.TryComplete(lost);
        _loop.Dispose();
    }

    private BeamlineError Closed() => BeamlineError.Of(BeamlineErrorCode.NoWorker,
        $"The worker of {Model.Name} takes no searches: it is {State.ToString().ToLowerInvariant()}.");

    private BeamlineError? Misfit(EngineSearch search)
    {
        ImmutableArray<Fault>.Builder faults = ImmutableArray.CreateBuilder<Fault>();
        SearchTicket ticket = search.Ticket;
        if (ticket.Rows > _options.Rows)
        {
            string field = ticket.Parameters.NumBeams > 1 ? "num_beams" : "num_return_sequences";
            faults.Add(new(field, $"{ticket.Rows}", $"at most {_options.Rows}, the rows of the worker"));
        }
        if (ticket.PromptIds.Length + ticket.Parameters.MaxNewTokens > Model.ContextLength)
        {
            faults.Add(new("max_new_tokens", $"{ticket.Parameters.MaxNewTokens}",
                $"at most {Model.ContextLength - ticket.PromptIds.Length}, what the context of {Model.ContextLength} leaves"));
        }
        // Who named no length wants what comes until the sequence ends; only what is there already has to fit.
        bool isOpen = ticket.Parameters.Values is { MaxNewTokens: null, MaxLength: null };
        int length = isOpen ? search.KnownTokens + 1 : ticket.PromptIds.Length + ticket.Parameters.MaxNewTokens;
        if (!_loop.Room.CanHold(search.RowsHeld, ticket.PromptIds.Length, length))
        {
            long bytes = Model.Kv.BytesPerPosition * length * search.RowsHeld;
            faults.Add(new(isOpen ? "prompt" : "max_new_tokens", $"{(isOpen ? search.KnownTokens : ticket.Parameters.MaxNewTokens)}",
                $"less: the search needs {bytes >> 20} MiB of KV cache and the worker has {KvBytes >> 20} MiB"));
        }
        return faults.Count > 0 ? BeamlineError.Invalid(faults.ToImmutable()) : null;
    }

    private TimeSpan EstimateWait()
    {
        EngineLoad load = Load;
        double seconds = load.TokensPerSecond > 0 ? load.QueuedTokens / load.TokensPerSecond : 1;
        return TimeSpan.FromSeconds(double.Clamp(seconds, 1, 60));
    }

    [LoggerMessage(LogLevel.Error, "A forward pass of {Model} did not come back within {Limit}; its searches move.")]
    private partial void LogHang(string model, TimeSpan limit);
}
