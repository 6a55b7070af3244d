using Beamline.Abstractions.Searches;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>Maps the hypotheses that a search keeps to rows. Owned by the engine thread.</summary>
/// <param name="pool">The rows.</param>
/// <param name="rows">Rows of a search at most.</param>
internal sealed class HypothesisMap(RowPool pool, int rows)
{
    private readonly BatchRow?[] _next = new BatchRow?[rows];
    private readonly bool[] _kept = new bool[rows];

    /// <summary>
    /// The first child of a hypothesis goes on in its row. Further children take rows of hypotheses that have none, from where their
    /// histories part, else new rows. Rows left over are given back.
    /// </summary>
    /// <param name="search">The search, with its rows as before the step.</param>
    /// <param name="live">The hypotheses that go on.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for a fork; the search's rows are whole, but not those wanted.</exception>
    public void Apply(EngineSearch search, ReadOnlySpan<SearchEvent> live)
    {
        int before = search.RowCount;
        Span<bool> kept = _kept.AsSpan(0, before);
        kept.Clear();
        for (int i = 0; i < live.Length; i++)
        {
            int parent = live[i].Parent;
            _next[i] = kept[parent] ? null : search.Rows[parent];
            kept[parent] = true;
        }
        for (int i = 0, spare = 0; i < live.Length; i++)
        {
            if (_next[i] is not null) continue;
            BatchRow source = search.Rows[live[i].Parent];
            while (spare < before && kept[spare]) spare++;
            if (spare < before)
            {
                pool.Refork(source, search.Rows[spare]);
                _next[i] = search.Rows[spare];
                kept[spare] = true;
            }
            else
            {
                // Known to the search at once: whatever fails later, it is given back with the others.
                BatchRow fork = pool.Fork(source);
                _next[i] = search.Rows[search.RowCount++] = fork;
            }
        }
        for (int i = 0; i < before; i++)
        {
            if (!kept[i]) pool.Drop(search.Rows[i]);
        }
        for (int i = 0; i < live.Length; i++)
        {
            search.Rows[i] = _next[i]!;
            search.Rows[i].Append(live[i].Token);
        }
        search.RowCount = live.Length;
    }
}
