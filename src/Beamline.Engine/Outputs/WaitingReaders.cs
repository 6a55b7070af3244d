namespace Beamline.Engine.Outputs;

/// <summary>
/// Readers that wait, the latest first. They come and go under a lock of their own; whoever wakes them takes none and allocates nothing.
/// </summary>
/// <remarks>
/// One that leaves keeps its way to the next, so that a walk that stands on it goes on and meets all who were there before the walk began
/// and still are. One that comes meanwhile is not met: it looks for itself once it stands in the line.
/// </remarks>
internal sealed class WaitingReaders
{
    private readonly Lock _gate = new();
    private WaitingReader? _first;

    /// <summary>Reader: joins. What was published before and is not seen after this call wakes it.</summary>
    public void Add(WaitingReader reader)
    {
        lock (_gate)
        {
            reader.Next = _first;
            _first?.Previous = reader;
            Volatile.Write(ref _first, reader);
        }
        Interlocked.MemoryBarrier();
    }

    /// <summary>Reader: leaves, woken or not; once.</summary>
    public void Remove(WaitingReader reader)
    {
        lock (_gate)
        {
            if (reader.Previous is { } previous) Volatile.Write(ref previous.Next, reader.Next);
            else Volatile.Write(ref _first, reader.Next);
            reader.Next?.Previous = reader.Previous;
        }
    }

    /// <summary>Any thread: wakes those for whom there is news and whose last delivery is long enough ago.</summary>
    /// <param name="count">Events published, before this call.</param>
    /// <param name="before">What is long enough ago, in the clock's ticks.</param>
    public void Wake(long count, long before)
    {
        Interlocked.MemoryBarrier();
        for (WaitingReader? reader = Volatile.Read(ref _first); reader is not null; reader = Volatile.Read(ref reader.Next))
        {
            if (count > reader.From && reader.Since <= before) reader.TrySetResult();
        }
    }

    /// <summary>Any thread: wakes all of them.</summary>
    public void WakeAll() => Wake(long.MaxValue, long.MaxValue);
}
