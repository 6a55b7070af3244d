using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;
using Beamline.Engine.Prefixes;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>
/// Keeps what was computed, so that it need not be again: prompts for others that begin alike, rows of searches that gave way for
/// themselves. Owned by the engine thread.
/// </summary>
/// <param name="kv">The cache of live rows.</param>
/// <param name="prefixes">The cache of what may come again.</param>
/// <param name="rows">The rows.</param>
/// <param name="traits">What holds for the model.</param>
internal sealed class RowKeeper(IKvCache kv, PrefixCache prefixes, RowPool rows, ModelTraits traits)
{
    private int[] _marks = new int[64];

    /// <summary>Whether one search's positions serve others.</summary>
    public bool IsShared => traits.PrefixesShared;

    /// <summary>Prompt tokens that were taken from the cache.</summary>
    public long CachedTokens { get; private set; }

    /// <summary>Notes how much of a prompt is at hand, so that a plan can count on it.</summary>
    public void LookUp(EngineSearch search)
    {
        if (search.CachedVersion == prefixes.Version) return;
        search.CachedVersion = prefixes.Version;
        search.CachedPrefix = Limit(search) is var limit and > 0 ? prefixes.Find(RealmOf(search), PromptMarks(search), limit) : 0;
    }

    /// <summary>Fills a search's prompt sequence with what is at hand of it.</summary>
    public void RestorePrompt(EngineSearch search)
    {
        if (Limit(search) is var limit and > 0)
        {
            search.PromptDone = prefixes.Restore(RealmOf(search), PromptMarks(search), search.PromptSequence, limit);
        }
        search.CachedTokens += search.PromptDone;
        CachedTokens += search.PromptDone;
    }

    /// <summary>Forgets what was filled in of a prompt.</summary>
    public void StartOver(EngineSearch search)
    {
        kv.Truncate(search.PromptSequence, 0);
        search.PromptDone = 0;
    }

    /// <summary>Keeps a prompt that was computed, where others may begin with it.</summary>
    public void SavePrompt(EngineSearch search)
    {
        if (traits.PrefixesShared) prefixes.Save(RealmOf(search), PromptMarks(search), search.PromptSequence);
    }

    /// <summary>Keeps what a search's rows hold, for when it goes on.</summary>
    public void SaveRows(EngineSearch search)
    {
        if (search.PromptSequence >= 0 && Limit(search) > 0)
        {
            prefixes.Save(RealmOf(search), PromptMarks(search)[..search.PromptDone], search.PromptSequence);
        }
        for (int i = 0; i < search.RowCount; i++)
        {
            BatchRow row = search.Rows[i];
            prefixes.Save(RealmOf(search), MarksOf(row, kv.Length(row.Sequence)), row.Sequence);
        }
    }

    /// <summary>Gives a search that goes on the rows that were kept of it.</summary>
    /// <returns>Whether all of them hold their prompt at least; else it has none, and its prompt comes first.</returns>
    public bool TryRestoreRows(EngineSearch search)
    {
        int prompt = search.Ticket.PromptIds.Length, least = int.MaxValue;
        for (int live = 0; live < search.Search!.LiveCount; live++)
        {
            if ((live == 0 ? kv.Open(isBrief: true) : kv.TryFork(search.Rows[0].Sequence)) is not { } sequence)
            {
                DropRows(search);
                return false;
            }
            BatchRow row = search.Rows[live] = rows.Add(search, live, sequence);
            search.RowCount++;
            if (traits.RecomputedBeyond is { } border && row.KnownCount > border + 1 && prompt <= border) row.Prefilled = border + 1;
            // What all rows begin with is restored once: where sequences share memory, they take what the plan counts, not more.
            if (live > 0 || Restore(search, row, WholeBlocks(prompt)) == WholeBlocks(prompt)) continue;
            DropRows(search);
            return false;
        }
        for (int i = 0; i < search.RowCount; i++) least = int.Min(least, Restore(search, search.Rows[i], search.Rows[i].KnownCount - 1));
        // Past the border there is only what was computed beyond it; before, at least the prompt.
        if (least < search.Rows[0].Prefilled)
        {
            DropRows(search);
            return false;
        }
        // A pass feeds all rows of a search or none, so they go on from where the shortest ends.
        for (int i = 0; i < search.RowCount; i++) kv.Truncate(search.Rows[i].Sequence, least);
        return true;
    }

    /// <summary>Takes a search's rows, or what there is of its prompt, out of the batch.</summary>
    public void DropRows(EngineSearch search)
    {
        while (search.RowCount > 0) rows.Drop(search.Rows[--search.RowCount]);
        if (search.PromptSequence >= 0) kv.Drop(search.PromptSequence);
        search.PromptSequence = -1;
        search.PromptDone = 0;
    }

    /// <summary>A search has ended: nobody else can use what was kept for it alone.</summary>
    public void Forget(EngineSearch search)
    {
        if (!traits.PrefixesShared) prefixes.Forget(RealmOf(search));
    }

    private int Restore(EngineSearch search, BatchRow row, int limit) =>
        prefixes.Restore(RealmOf(search), MarksOf(row, row.KnownCount), row.Sequence, limit);

    private static int WholeBlocks(int length) => length / PrefixCache.BlockTokens * PrefixCache.BlockTokens;

    // At least two tokens are left to compute: a pass over one has other bits. What cannot be computed in pieces is not begun elsewhere.
    private int Limit(EngineSearch search) =>
        traits is { PrefixesShared: true, PromptInPieces: true } ? search.Ticket.PromptIds.Length - 2 : 0;

    private long RealmOf(EngineSearch search) => traits.PrefixesShared ? 0 : search.Arrival + 1;

    private ReadOnlySpan<int> PromptMarks(EngineSearch search)
    {
        // A prompt's own tokens are its marks, but for a model with a border.
        ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
        if (!(prompt.Length > traits.RecomputedBeyond)) return prompt;
        BatchRow row = new();
        row.Begin(-1, prompt, [], prompt.Length);
        return MarksOf(row, prompt.Length);
    }

    private ReadOnlySpan<int> MarksOf(BatchRow row, int length)
    {
        if (_marks.Length < length) _marks = new int[int.Max(length, 2 * _marks.Length)];
        Span<int> marks = _marks.AsSpan(0, length);
        row.CopyMarks(marks, traits.RecomputedBeyond);
        return marks;
    }
}
