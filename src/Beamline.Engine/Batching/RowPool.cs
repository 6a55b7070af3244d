using Beamline.Engine.Backends;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>The rows of running searches over the sequences of a KV cache. Owned by the engine thread.</summary>
/// <param name="kv">The cache.</param>
internal sealed class RowPool(IKvCache kv)
{
    private readonly Stack<BatchRow> _spare = new();

    /// <summary>Rows that searches have.</summary>
    public int Count { get; private set; }

    /// <summary>Whether tokens after the next one are known already, so that its logits decide nothing.</summary>
    public bool Replays(BatchRow row) => kv.Length(row.Sequence) + 1 < row.KnownCount;

    /// <summary>Gives a search a row over a sequence.</summary>
    /// <param name="search">Whose.</param>
    /// <param name="live">Which of its live hypotheses.</param>
    /// <param name="sequence">Holds a beginning of its history, or nothing.</param>
    public BatchRow Add(EngineSearch search, int live, int sequence)
    {
        BatchRow row = Rent();
        ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
        row.Begin(sequence, prompt, search.Search!.GeneratedIds(live), prefilled: search.HasPrefill ? prompt.Length : 0);
        return row;
    }

    /// <summary>A row that goes on as another does.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public BatchRow Fork(BatchRow source)
    {
        int sequence = kv.TryFork(source.Sequence) ?? throw NoMemory();
        BatchRow row = Rent();
        row.Begin(sequence, source);
        return row;
    }

    /// <summary>Turns a row into a fork of another of the same search; what their histories have in common is in place already.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Refork(BatchRow source, BatchRow target)
    {
        int common = source.Known.CommonPrefixLength(target.Known);
        // Equal tokens that were computed otherwise have other bits.
        if (source.Prefilled != target.Prefilled) common = 0;
        if (!kv.TryRefork(source.Sequence, target.Sequence, common)) throw NoMemory();
        target.Follow(source, common);
    }

    /// <summary>Gives a row back.</summary>
    public void Drop(BatchRow row)
    {
        kv.Drop(row.Sequence);
        _spare.Push(row);
        Count--;
    }

    private BatchRow Rent()
    {
        Count++;
        return _spare.TryPop(out BatchRow? row) ? row : new BatchRow();
    }

    private static InsufficientMemoryException NoMemory() => new("There is no KV memory for a fork.");
}
