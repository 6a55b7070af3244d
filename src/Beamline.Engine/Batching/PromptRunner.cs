using System.Runtime.InteropServices;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;
using Beamline.Engine.Planning;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>Computes prompts: several side by side where that is cheaper, pieces of long ones alone. Owned by the engine thread.</summary>
internal sealed class PromptRunner(
    IModelBackend backend, PassRunner passes, RowPool rows, RowKeeper keeper, Chooser chooser, ModelTraits traits, int vocabularySize)
{
    private readonly List<EngineSearch> _group = [];

    /// <summary>Prompt tokens computed.</summary>
    public long PrefilledTokens { get; private set; }

    /// <summary>
    /// The searches that the next pass computes together: as many from the front as cost less side by side than one by one, each behind
    /// what is at hand of it.
    /// </summary>
    /// <param name="chunks">What the plan prefills next, in order; not empty.</param>
    /// <param name="running">The searches that the chunks refer to.</param>
    /// <returns>One or more; valid until the next call.</returns>
    public ReadOnlySpan<EngineSearch> Group(ReadOnlySpan<PrefillChunk> chunks, List<EngineSearch> running)
    {
        _group.Clear();
        EngineSearch first = running[chunks[0].Search];
        keeper.LookUp(first);
        _group.Add(first);
        if (backend.PromptBatching != PromptBatching.Alone && IsWhole(first, chunks[0]))
        {
            foreach (PrefillChunk chunk in chunks[1..])
            {
                EngineSearch next = running[chunk.Search];
                keeper.LookUp(next);        // what this step computed so far is at hand since the plan was made
                if (!IsWhole(next, chunk) || !IsCheaper(next)) break;
                _group.Add(next);
            }
        }
        return CollectionsMarshal.AsSpan(_group);
    }

    /// <summary>Computes some of a search's prompt; with the last of it the search's rows decode.</summary>
    /// <param name="search">A search that prefills.</param>
    /// <param name="tokens">How much.</param>
    /// <returns>False when there is no memory for it; then nothing has happened.</returns>
    /// <exception cref="ForwardException">The pass failed; nothing has happened.</exception>
    public bool TryRun(EngineSearch search, int tokens)
    {
        ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
        Begin(search, isBrief: tokens >= prompt.Length - search.CachedPrefix);
        int left = prompt.Length - search.PromptDone;
        // Less may be at hand than the plan saw, so more may be left than it counted.
        bool inOnePiece = !traits.PromptInPieces || prompt.Length > traits.RecomputedBeyond;
        tokens = inOnePiece ? left : StepPlanner.ChunkSize(left, int.Min(int.Min(tokens, left), passes.MaxTokens - 1));
        passes.Pass.Clear();
        search.LogitsRow = passes.Pass.Add(search.PromptSequence, search.PromptDone, prompt.Slice(search.PromptDone, tokens));
        if (!passes.TryRun()) return false;
        Count(search, tokens);
        search.PromptDone += tokens;
        if (search.PromptDone == prompt.Length) Join(search);
        return true;
    }

    /// <summary>Computes what is left of several prompts in one pass.</summary>
    /// <param name="searches">As <see cref="Group"/> found them.</param>
    /// <returns>False when there is no memory for it, or it is more than a pass takes; then nothing has happened.</returns>
    /// <exception cref="ForwardException">The pass failed; nothing has happened.</exception>
    public bool TryRun(ReadOnlySpan<EngineSearch> searches)
    {
        int width = 0;
        foreach (EngineSearch search in searches)
        {
            Begin(search, isBrief: true, fromStart: backend.PromptBatching == PromptBatching.FromStart);
            width = int.Max(width, search.Ticket.PromptIds.Length - search.PromptDone);
        }
        if (searches.Length * width > passes.MaxTokens) return false;       // less is at hand than the plan saw
        passes.Pass.Clear();
        foreach (EngineSearch search in searches)
        {
            ReadOnlySpan<int> rest = search.Ticket.PromptIds.AsSpan()[search.PromptDone..];
            search.LogitsRow = passes.Pass.Add(search.PromptSequence, search.PromptDone, rest);
        }
        if (!passes.TryRun()) return false;
        foreach (EngineSearch search in searches)
        {
            Count(search, search.Ticket.PromptIds.Length - search.PromptDone);
            search.PromptDone = search.Ticket.PromptIds.Length;
        }
        foreach (EngineSearch search in searches) Join(search);
        return true;
    }

    private bool IsWhole(EngineSearch search, PrefillChunk chunk) => search.Life == SearchLife.Prefilling
        && search.PromptSequence < 0
        && chunk.Tokens >= search.Ticket.PromptIds.Length - search.CachedPrefix
        && (search.Search is null or { LiveCount: 1 } || backend.PromptBatching == PromptBatching.Anywhere);

    /// <summary>Whether one more beside the group costs less than a pass of its own, which can use what is at hand.</summary>
    private bool IsCheaper(EngineSearch next)
    {
        int count = _group.Count + 1, longest = 0, alone = 0;
        bool anywhere = backend.PromptBatching == PromptBatching.Anywhere;
        ReadOnlySpan<int> front = _group[0].Ticket.PromptIds.AsSpan();
        for (int i = 0; i < count; i++)
        {
            EngineSearch search = i < _group.Count ? _group[i] : next;
            ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
            // Behind the first one of the group, what it begins with would be at hand too.
            int common = i > 0 && traits.PrefixesShared ? prompt[..^2].CommonPrefixLength(front) : 0;
            int atHand = keeper.IsShared ? int.Max(search.CachedPrefix, common) : 0;
            if (anywhere && atHand - search.CachedPrefix > backend.PassOverheadTokens) return false;
            longest = int.Max(longest, prompt.Length - (anywhere ? search.CachedPrefix : 0));
            alone += backend.PassOverheadTokens + prompt.Length - (anywhere ? search.CachedPrefix : atHand);
        }
        long together = (long)count * longest;
        return together <= passes.MaxTokens && backend.PassOverheadTokens + together <= alone;
    }

    private void Begin(EngineSearch search, bool isBrief, bool fromStart = false)
    {
        if (search.PromptSequence >= 0)
        {
            if (fromStart && search.PromptDone > 0) keeper.StartOver(search);
            return;
        }
        search.PromptSequence = backend.Kv.Open(isBrief);
        if (!fromStart) keeper.RestorePrompt(search);
    }

    private void Count(EngineSearch search, int tokens)
    {
        search.PrefilledTokens += tokens;
        PrefilledTokens += tokens;
    }

    private void Join(EngineSearch search)
    {
        keeper.SavePrompt(search);
        Span<float> logits = passes.Logits.Slice(search.LogitsRow * vocabularySize, vocabularySize);
        try
        {
            // The first hypothesis goes on where the prompt is; the others begin with a copy of it.
            int prompt = search.PromptSequence;
            for (int live = 0; live < search.Search!.LiveCount; live++)
            {
                int sequence = live == 0 ? prompt : backend.Kv.TryFork(prompt) ?? throw new InsufficientMemoryException();
                search.PromptSequence = -1;
                search.Rows[live] = rows.Add(search, live, sequence);
                search.RowCount++;
            }
        }
        catch (OutOfMemoryException)
        {
            search.End(Outcomes.Lost("There was no memory for the hypotheses of the search."));
            return;
        }
        search.Enter(SearchLife.Decoding);
        // One that goes on from a recorded state has chosen its next tokens already: it replays.
        if (search.Search.Step == 0) chooser.Advance(search, logits);
    }
}
