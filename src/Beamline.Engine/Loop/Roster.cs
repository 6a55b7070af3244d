using Beamline.Abstractions.Searches;
using Beamline.Engine.Batching;
using Beamline.Engine.Outputs;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Loop;

/// <summary>
/// Every search inside the engine, where it is, and how it leaves. Owned by the engine thread, but for the count of the line.
/// </summary>
/// <param name="queued">Searches that may wait.</param>
/// <param name="time">The clock of deadlines.</param>
internal sealed class Roster(int queued, TimeProvider time)
{
    private readonly Dictionary<SearchOutput, EngineSearch> _here = [];
    private readonly DeadlineQueue _deadlines = new();
    private int _waiting;

    /// <summary>The searches in the batch, in the order of their admission.</summary>
    public List<EngineSearch> Running { get; } = [];

    /// <summary>The searches that wait.</summary>
    public WaitingLine Line { get; private set; } = new();

    /// <summary>Where the running ones run; null while the engine recovers.</summary>
    public Batch? Batch { get; set; }

    /// <summary>Searches that have not ended.</summary>
    public int Count => _here.Count;

    /// <summary>Any thread: takes a place in the line for a search, if there is one.</summary>
    /// <param name="search">The search.</param>
    /// <param name="startsAtOnce">Whether rows are free for it: then it only passes through the line, however short that is.</param>
    public bool TryCount(EngineSearch search, bool startsAtOnce)
    {
        if (!startsAtOnce && Interlocked.Increment(ref _waiting) > queued)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }
        search.CountsAsWaiting = !startsAtOnce;
        return true;
    }

    /// <summary>A search comes in.</summary>
    public void Add(EngineSearch search)
    {
        _here.Add(search.Output, search);
        _deadlines.Add(search);
        Line.Add(search);
    }

    /// <summary>The first of the line goes into the batch.</summary>
    public EngineSearch Admit()
    {
        EngineSearch search = Line.Take();
        StopCounting(search);
        Running.Add(search);
        return search;
    }

    /// <summary>
    /// A search that gave its rows back waits again; it stands among the running ones until the caller takes it out there.
    /// </summary>
    public void Return(EngineSearch search)
    {
        Line.Return(search);
        search.CountsAsWaiting = true;
        Interlocked.Increment(ref _waiting);
        search.Output.Deliver(long.MaxValue, 0);
    }

    /// <summary>Between steps: ends the search of an output, if it is here.</summary>
    public void Finish(SearchOutput output, SearchOutcome outcome)
    {
        if (_here.TryGetValue(output, out EngineSearch? search)) Finish(search, outcome);
    }

    /// <summary>Between steps: ends a search, wherever it is.</summary>
    public void Finish(EngineSearch search, SearchOutcome outcome)
    {
        search.End(outcome);
        if (Running.Contains(search)) Leave(search);
        else LeaveLine(search);
    }

    /// <summary>Between steps: ends searches whose time is over; they have what they generated, if anything.</summary>
    public void FinishLate()
    {
        while (_deadlines.TryTakeDue(time, out EngineSearch? late))
        {
            if (late.Search is { Step: > 0, IsDone: false } && Batch is { } batch) batch.Stop(late, SearchEndReason.Deadline);
            Finish(late, Outcomes.TooLate);     // what the batch has decided stands
        }
    }

    /// <summary>Between steps: ends every search.</summary>
    public void FinishAll(SearchOutcome outcome)
    {
        foreach (EngineSearch search in _here.Values.ToList()) Finish(search, outcome);
    }

    /// <summary>
    /// Ends waiting searches that are to go where rows are free: from the front, since those have waited longest. One that has generated
    /// here keeps its place, as moving it costs a replay.
    /// </summary>
    public void GiveBack(GiveBackWish wish, SearchOutcome given)
    {
        int rows = wish.Rows;
        foreach (EngineSearch search in Line.InOrder().ToList())
        {
            if (rows == 0) break;
            if (search.Search is not null || search.Ticket.Rows > int.Min(rows, wish.Widest)) continue;
            rows -= search.Ticket.Rows;
            Finish(search, given);
        }
    }

    /// <summary>A search that ran, and whose end is decided, leaves.</summary>
    public void Leave(EngineSearch search)
    {
        Batch!.Leave(search);
        Running.Remove(search);
        Line.Settle(search);
        Complete(search);
    }

    /// <summary>A search that waits, and whose end is decided, leaves.</summary>
    public void LeaveLine(EngineSearch search)
    {
        Line.Remove(search);
        Batch?.Leave(search);
        Complete(search);
    }

    /// <summary>Ends everything without trusting anything of what is here.</summary>
    public void Abandon(SearchOutcome lost)
    {
        foreach (EngineSearch search in _here.Values)
        {
            StopCounting(search);
            search.Output.TryComplete(lost);
        }
        _here.Clear();
        _deadlines.Clear();
        Running.Clear();
        Line = new WaitingLine();
    }

    /// <summary>The thread is about to end: a search that came in too late for the line is abandoned with the others.</summary>
    public void AddLate(EngineSearch search) => _here[search.Output] = search;

    private void Complete(EngineSearch search)
    {
        search.Enter(SearchLife.Ended);
        StopCounting(search);
        _here.Remove(search.Output);
        _deadlines.Remove(search);
        search.Output.TryComplete(
            search.Outcome! with { PrefilledTokens = search.PrefilledTokens, CachedTokens = search.CachedTokens });
    }

    private void StopCounting(EngineSearch search)
    {
        if (search.CountsAsWaiting) Interlocked.Decrement(ref _waiting);
        search.CountsAsWaiting = false;
    }
}
