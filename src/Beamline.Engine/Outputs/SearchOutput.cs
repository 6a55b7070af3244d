using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;

namespace Beamline.Engine.Outputs;

/// <summary>
/// What a search has put out: written by the engine thread without a lock, read by any number of readers, each from any position, until it
/// is forgotten.
/// </summary>
/// <remarks>
/// The writer publishes by its counter; a reader that waits stands in a line, with its own position and its own time. Deliveries to a
/// reader are spaced (<see cref="Configuration.EngineOptions.StreamInterval"/>), since a message a token would cost more than a small
/// model's forward pass. Others hold it up by one interval at most.
/// </remarks>
internal sealed class SearchOutput
{
    private readonly EventChunkPool _pool;
    private readonly (int FirstBranch, int Rows, int Step) _start;
    private readonly TimeProvider _time;
    private readonly WaitingReaders _waiting = new();
    private EventChunk? _first;
    private EventChunk? _last;
    private bool _hasLogprobs;
    private long _count;
    private SearchOutcome? _outcome;
    private int _inChunks;
    private long _lastDelivery;
    private long _lastRead;
    private volatile bool _cancelRequested;
    private volatile bool _isForgotten;

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
    /// <param name="events">The events.</param>
    /// <param name="logprobs">One an event when the search reports them, else empty; the same throughout a search.</param>
    public void Append(ReadOnlySpan<SearchEvent> events, ReadOnlySpan<TokenLogprobs> logprobs)
    {
        Interlocked.Increment(ref _inChunks);
        try
        {
            // The watchdog gave it up: then it may be forgotten as well, and the chunks another search's.
            if (!IsComplete && !_isForgotten) Write(events, logprobs);
        }
        finally
        {
            Interlocked.Decrement(ref _inChunks);
        }
    }

    /// <summary>Any thread: ends the output; the first one to do so decides how.</summary>
    public bool TryComplete(SearchOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, outcome, null) is not null) return false;
        _waiting.WakeAll();
        return true;
    }

    /// <summary>Any thread: asks the engine to end the search.</summary>
    /// <returns>Whether there is something to end.</returns>
    public bool RequestCancel()
    {
        _cancelRequested = true;
        return !IsComplete;
    }

    /// <summary>Engine thread: wakes the readers for whom there is news and whose last delivery is long enough ago.</summary>
    /// <param name="now">The time, in the clock's ticks.</param>
    /// <param name="interval">Least time between deliveries to one reader.</param>
    public void Deliver(long now, long interval) => _waiting.Wake(_count, now - interval);

    /// <summary>Reader: everything from a position on, at once if the last delivery is long enough ago, else when woken.</summary>
    /// <param name="from">The first event wanted; 0 to the number published.</param>
    /// <param name="interval">
    /// Least time between deliveries, in the clock's ticks; the first, from 0, and the last do not wait for it.
    /// </param>
    /// <param name="wait">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position yet.</exception>
    /// <exception cref="BeamlineException">The search was forgotten.</exception>
    public async ValueTask<SearchReading> ReadAsync(long from, long interval, TimeSpan wait, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, Volatile.Read(ref _count));
        long now = _time.GetTimestamp();
        Volatile.Write(ref _lastRead, now);
        // Readers have no names, so the latest delivery to any stands for the latest to this one: the latest when it came, since others go
        // on reading while it waits.
        WaitingReader reader = new(from, since: from == 0 ? now - interval : Volatile.Read(ref _lastDelivery));
        if (!IsDue(reader, interval)) await WaitAsync(reader, interval, wait, cancellationToken);
        SearchReading reading = Collect(from);
        if (reading.Events.Length > 0) Volatile.Write(ref _lastDelivery, _time.GetTimestamp());
        return reading;
    }

    /// <summary>Gives the chunks back, unless somebody still stands in them. Nobody begins to read or write any more.</summary>
    public void Forget()
    {
        _isForgotten = true;
        EventChunk? first = Interlocked.Exchange(ref _first, null);
        // Whoever enters from now on finds nothing; whoever is in keeps the chunks, and the garbage collector has them later.
        if (Volatile.Read(ref _inChunks) == 0) _pool.Return(first);
    }

    private static (int FirstBranch, int Rows, int Step) StartOf(SearchTicket ticket) =>
        (ticket.FirstBranch, ticket.Rows, ticket.Resume?.Step ?? 0);

    private void Write(ReadOnlySpan<SearchEvent> events, ReadOnlySpan<TokenLogprobs> logprobs)
    {
        long count = _count;
        _hasLogprobs |= logprobs.Length > 0;
        for (int i = 0; i < events.Length; i++, count++)
        {
            int place = (int)(count % EventChunk.Size);
            if (place == 0) AddChunk();
            _last!.Events[place] = events[i];
            if (logprobs.Length > 0) (_last.Logprobs ??= new TokenLogprobs[EventChunk.Size])[place] = logprobs[i];
        }
        Volatile.Write(ref _count, count);
    }

    private void AddChunk()
    {
        EventChunk chunk = _pool.Rent();
        if (_last is null) _first = chunk;
        else _last.Next = chunk;
        _last = chunk;
    }

    private bool IsDue(WaitingReader reader, long interval) =>
        IsComplete || (Volatile.Read(ref _count) > reader.From && _time.GetTimestamp() - reader.Since >= interval);

    private async Task WaitAsync(WaitingReader reader, long interval, TimeSpan wait, CancellationToken cancellationToken)
    {
        _waiting.Add(reader);
        try
        {
            // News may have come before the reader stood in the line.
            if (IsDue(reader, interval)) return;
            if (Volatile.Read(ref _count) > reader.From)
            {
                // News that only wait for their time need nobody to bring them: it may be long until the next step.
                TimeSpan left = _time.GetElapsedTime(_time.GetTimestamp(), reader.Since + interval);
                wait = left < wait ? left : wait;
            }
            if (wait > TimeSpan.Zero) await reader.Task.WaitAsync(wait, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The reader gets what there is, perhaps nothing, and asks again.
        }
        finally
        {
            _waiting.Remove(reader);
        }
    }

    private SearchReading Collect(long from)
    {
        Interlocked.Increment(ref _inChunks);
        try
        {
            // The outcome first: when it is set, the count that follows is final.
            SearchOutcome? outcome = Volatile.Read(ref _outcome);
            int length = (int)(Volatile.Read(ref _count) - from);
            EventChunk? chunk = Volatile.Read(ref _first);
            if (chunk is null && length > 0)
            {
                throw new BeamlineException(BeamlineErrorCode.RequestNotFound, $"Search {Id} is not known here.");
            }
            for (long skip = from / EventChunk.Size; skip > 0 && length > 0; skip--) chunk = chunk!.Next;
            SearchEvent[] events = new SearchEvent[length];
            TokenLogprobs[] logprobs = _hasLogprobs ? new TokenLogprobs[length] : [];
            for (int done = 0; done < length; chunk = chunk.Next)
            {
                int place = (int)((from + done) % EventChunk.Size);
                int take = int.Min(EventChunk.Size - place, length - done);
                chunk!.Events.AsSpan(place, take).CopyTo(events.AsSpan(done));
                if (logprobs.Length > 0) chunk.Logprobs!.AsSpan(place, take).CopyTo(logprobs.AsSpan(done));
                done += take;
            }
            return new(
                from,
                ImmutableCollectionsMarshal.AsImmutableArray(events),
                ImmutableCollectionsMarshal.AsImmutableArray(logprobs),
                outcome);
        }
        finally
        {
            Interlocked.Decrement(ref _inChunks);
        }
    }
}
