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
    /// The searches that the next pass computes together: as many from the front as save the most over one by one, where each can go on
    /// behind what is at hand of it.
    /// </summary>
    /// <param name="chunks">What the plan prefills next, in order; not empty.</param>
    /// <param name="running">The searches that the chunks refer to.</param>
    /// <returns>One or more; valid until the next call.</returns>
    public ReadOnlySpan<EngineSearch> Group(ReadOnlySpan<PrefillChunk> chunks, List<EngineSearch> running)
    {
        _group.Clear();
        _group.Add(running[chunks[0].Search]);
        keeper.LookUp(_group[0]);
        if (backend.PromptBatching == PromptBatching.Alone || !IsWhole(_group[0], chunks[0])) return CollectionsMarshal.AsSpan(_group);
        bool anywhere = backend.PromptBatching == PromptBatching.Anywhere;
        ReadOnlySpan<int> front = _group[0].Ticket.PromptIds.AsSpan();
        int best = 1, longest = CostTogether(_group[0], anywhere);
        long alone = backend.PassOverheadTokens + front.Length - _group[0].CachedPrefix, mostSaved = 0;
        foreach (PrefillChunk chunk in chunks[1..])
        {
            EngineSearch next = running[chunk.Search];
            keeper.LookUp(next);        // what this step computed so far is at hand since the plan was made
            if (!IsWhole(next, chunk)) break;
            int atHand = AtHandBehind(front, next);
            // Where any may stand side by side, what is worth a pass of its own is computed before the others.
            if (anywhere && atHand - next.CachedPrefix > backend.PassOverheadTokens) break;
            _group.Add(next);
            longest = int.Max(longest, CostTogether(next, anywhere));
            alone += backend.PassOverheadTokens + next.Ticket.PromptIds.Length - atHand;
            long together = (long)_group.Count * longest;
            if (together > passes.MaxTokens) break;
            long saved = alone - backend.PassOverheadTokens - together;
            if (saved >= mostSaved) (best, mostSaved) = (_group.Count, saved);
        }
        return CollectionsMarshal.AsSpan(_group)[..best];
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

    /// <summary>Tokens that a prompt's row of a pass over several has at least.</summary>
    private static int CostTogether(EngineSearch search, bool anywhere) =>
        search.Ticket.PromptIds.Length - (anywhere ? search.CachedPrefix : 0);

    /// <summary>What would be at hand of a prompt if it were computed behind another.</summary>
    private int AtHandBehind(ReadOnlySpan<int> front, EngineSearch next)
    {
        if (!keeper.IsShared) return 0;
        int common = next.Ticket.PromptIds.AsSpan()[..^2].CommonPrefixLength(front);
        return int.Max(next.CachedPrefix, common);
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
