using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;

namespace Beamline.Engine.Outputs;

/// <summary>
/// What a search has put out: written by the engine thread without a lock, read by anybody from any position until it is forgotten.
/// </summary>
/// <remarks>
/// The writer publishes by its counter; a reader that waits leaves a completion source. Deliveries to a waiting reader are spaced by the
/// engine (<see cref="Configuration.EngineOptions.StreamInterval"/>), since a message a token would cost more than a small model's forward pass.
/// </remarks>
internal sealed class SearchOutput
{
    private readonly EventChunkPool _pool;
    private readonly (int FirstBranch, int Rows, int Step) _start;
    private readonly TimeProvider _time;
    private EventChunk? _first;
    private EventChunk? _last;
    private readonly List<TokenLogprobs> _logprobs = [];
    private readonly Lock _chunks = new();       // held while they are read, and while they go to others
    private bool _isForgotten;
    private long _count;
    private SearchOutcome? _outcome;
    private TaskCompletionSource? _waiter;
    private long _awaited;
    private long _lastDelivery;
    private long _lastRead;
    private volatile bool _cancelRequested;

    public SearchOutput(SearchTicket ticket, EventChunkPool pool, TimeProvider time)
    {
        Id = ticket.Id;
        _start = StartOf(ticket);
        _pool = pool;
        _time = time;
        _lastRead = time.GetTimestamp();
    }

    /// <summary>Whose output it is.</summary>
    public SearchId Id { get; }

    /// <summary>
    /// Whether a ticket of the same id finds here what it asks for: the same samples, from the same step on, and not lost.
    /// </summary>
    public bool Serves(SearchTicket ticket) => StartOf(ticket) == _start && Volatile.Read(ref _outcome) is not { Retryable: true };

    /// <summary>Whether the search has ended.</summary>
    public bool IsComplete => Volatile.Read(ref _outcome) is not null;

    /// <summary>Whether somebody wants the search to end.</summary>
    public bool IsCancelRequested => _cancelRequested;

    /// <summary>When somebody last asked.</summary>
    public TimeSpan SinceLastRead => _time.GetElapsedTime(Volatile.Read(ref _lastRead));

    /// <summary>Engine thread: appends the events of a step.</summary>
    public void Append(ReadOnlySpan<SearchEvent> events, ReadOnlySpan<TokenLogprobs> logprobs)
    {
        if (IsComplete) return;      // the watchdog gave it up
        long count = _count;
        foreach (SearchEvent change in events)
        {
            int place = (int)(count % EventChunk.Size);
            if (place == 0)
            {
                EventChunk chunk = _pool.Rent();
                if (_last is null) _first = chunk;
                else _last.Next = chunk;
                _last = chunk;
            }
            _last!.Events[place] = change;
            count++;
        }
        if (logprobs.Length > 0)
        {
            lock (_logprobs) _logprobs.AddRange(logprobs);
        }
        Volatile.Write(ref _count, count);
    }

    /// <summary>Any thread: ends the output; the first one to do so decides how.</summary>
    public bool TryComplete(SearchOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, outcome, null) is not null) return false;
        Wake();
        return true;
    }

    /// <summary>Any thread: asks the engine to end the search.</summary>
    /// <returns>Whether there is something to end.</returns>
    public bool RequestCancel()
    {
        _cancelRequested = true;
        return !IsComplete;
    }

    /// <summary>Engine thread: wakes a waiting reader when there is news and the last delivery is long enough ago.</summary>
    public void Deliver(long now, long interval)
    {
        if (Volatile.Read(ref _waiter) is null || _count <= Volatile.Read(ref _awaited)) return;
        if (now - Volatile.Read(ref _lastDelivery) >= interval) Wake();
    }

    /// <summary>Reader: everything from a position on, at once if the last delivery is long enough ago, else when woken.</summary>
    /// <param name="from">The first event wanted; 0 to the number published.</param>
    /// <param name="interval">Least time between deliveries, in the clock's ticks.</param>
    /// <param name="wait">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">It was forgotten meanwhile.</exception>
    public async ValueTask<SearchReading> ReadAsync(long from, long interval, TimeSpan wait, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _lastRead, _time.GetTimestamp());
        if (!IsDue(from, interval))
        {
            TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _awaited, from);
            Interlocked.Exchange(ref _waiter, waiter)?.TrySetResult();
            if (!IsDue(from, interval))     // news may have come before the waiter stood there
            {
                try
                {
                    await waiter.Task.WaitAsync(wait, _time, cancellationToken);
                }
                catch (TimeoutException)
                {
                    // Nothing new in time: the reader gets what there is and asks again.
                }
            }
        }
        Volatile.Write(ref _lastDelivery, _time.GetTimestamp());
        return Collect(from);
    }

    /// <summary>Gives the chunks back. Nobody writes any more; who still reads hears that it is not known.</summary>
    public void Forget()
    {
        lock (_chunks)
        {
            if (_isForgotten) return;
            _isForgotten = true;
            _pool.Return(_first);
            _first = _last = null;
        }
    }

    private static (int FirstBranch, int Rows, int Step) StartOf(SearchTicket ticket) =>
        (ticket.FirstBranch, ticket.Rows, ticket.Resume?.Step ?? 0);

    private bool IsDue(long from, long interval) => IsComplete
        || (Volatile.Read(ref _count) > from && _time.GetTimestamp() - Volatile.Read(ref _lastDelivery) >= interval);

    private void Wake() => Interlocked.Exchange(ref _waiter, null)?.TrySetResult();

    private SearchReading Collect(long from)
    {
        // The outcome first: when it is set, the count that follows is final.
        SearchOutcome? outcome = Volatile.Read(ref _outcome);
        long count = Volatile.Read(ref _count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, count);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ImmutableArray<SearchEvent>.Builder events = ImmutableArray.CreateBuilder<SearchEvent>((int)(count - from));
        lock (_chunks)
        {
            if (_isForgotten) throw new BeamlineException(BeamlineErrorCode.RequestNotFound, $"Search {Id} is not known here.");
            Copy(from, count, events);
        }
        return new(from, events.MoveToImmutable(), CollectLogprobs((int)from, (int)count), outcome);
    }

    private void Copy(long from, long count, ImmutableArray<SearchEvent>.Builder events)
    {
        EventChunk? chunk = _first;
        for (long skip = from / EventChunk.Size; skip > 0 && chunk is not null; skip--) chunk = chunk.Next;
        for (long at = from; at < count && chunk is not null; chunk = chunk.Next)
        {
            int place = (int)(at % EventChunk.Size);
            int take = (int)long.Min(EventChunk.Size - place, count - at);
            events.AddRange(chunk.Events.AsSpan(place, take));
            at += take;
        }
    }

    private ImmutableArray<TokenLogprobs> CollectLogprobs(int from, int count)
    {
        lock (_logprobs) return _logprobs.Count == 0 ? [] : [.. _logprobs[from..count]];
    }
}
