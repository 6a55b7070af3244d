using Beamline.Abstractions.Requests;
using Beamline.Engine.Planning;

namespace Beamline.Engine.Searches;

/// <summary>
/// Searches that wait for rows: interactive before batch, within that as <see cref="FairLine"/> says. Owned by the engine thread.
/// </summary>
internal sealed class WaitingLine
{
    private readonly FairLine _interactive = new();
    private readonly FairLine _batch = new();
    private readonly List<EngineSearch> _front = [];
    private int _wanted;        // how much of the front is kept in order; 0: the order has to be found anew

    public int Count => _interactive.Count + _batch.Count;

    public long Tokens { get; private set; }

    /// <summary>Puts a search into the line.</summary>
    public void Add(EngineSearch search)
    {
        LineOf(search).Add(search);
        Change(search.Tokens);
    }

    /// <summary>Takes the first search out, to run.</summary>
    public EngineSearch Take()
    {
        EngineSearch search = (_interactive.Count > 0 ? _interactive : _batch).Take();
        Change(-search.Tokens);
        return search;
    }

    /// <summary>Puts a search that ran back before the others of its user.</summary>
    public void Return(EngineSearch search)
    {
        LineOf(search).Return(search);
        Change(search.Tokens);
    }

    /// <summary>Takes out a search that will not run.</summary>
    public void Remove(EngineSearch search)
    {
        LineOf(search).Remove(search);
        Change(-search.Tokens);
    }

    /// <summary>A search that ran has ended.</summary>
    public void Settle(EngineSearch search)
    {
        LineOf(search).Settle(search);
        Change(0);
    }

    /// <summary>The searches in no order. The line must not change meanwhile.</summary>
    public IEnumerable<EngineSearch> All() => _interactive.All().Concat(_batch.All());

    /// <summary>The searches, first to start first. The line must not change meanwhile.</summary>
    public IEnumerable<EngineSearch> InOrder() => _interactive.InOrder().Concat(_batch.InOrder());

    /// <summary>The front of the line as the planner sees it.</summary>
    /// <param name="planned">Receives it.</param>
    /// <param name="describe">Says what the planner needs to know of a search.</param>
    /// <returns>How many were written.</returns>
    public int CopyFront(Span<PlannedSearch> planned, Func<EngineSearch, PlannedSearch> describe)
    {
        if (_wanted != planned.Length)
        {
            _wanted = planned.Length;
            _front.Clear();
            if (Count > 0) _front.AddRange(InOrder().Take(planned.Length));
        }
        for (int i = 0; i < _front.Count; i++) planned[i] = describe(_front[i]);
        return _front.Count;
    }

    private FairLine LineOf(EngineSearch search) => search.Ticket.Priority == RequestPriority.Interactive ? _interactive : _batch;

    private void Change(long tokens)
    {
        Tokens += tokens;
        _wanted = 0;
    }
}
