using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Decoding;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Search;
using Beamline.Engine.Memory;
using Beamline.Engine.Planning;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Batching;

/// <summary>
/// Searches in the batch and their forward passes: computes prompts, feeds the rows, hands logits to the searches and maps the hypotheses
/// they keep to rows. Owned by the engine thread.
/// </summary>
internal sealed class Batch : IDisposable
{
    private readonly EngineModel _model;
    private readonly TimeProvider _time;
    private readonly KvPool _pool;
    private readonly ForwardBuffers _buffers;
    private readonly PrefixCache _prefixes;
    private readonly int _prefillTokens;
    private readonly RowTable _rows;
    private readonly List<EngineSearch> _searches = [];
    private readonly DecodingWorkspace _workspace;
    private readonly SearchStep _step;
    private readonly bool[] _kept;
    private readonly int[] _next;
    private readonly int[] _discarded;
    private IModelSession _session;
    private EngineCounters _counters;
    private long _passStart;

    /// <exception cref="BeamlineException">The model cannot be loaded, or there is no memory for its KV cache.</exception>
    public Batch(EngineModel model, EngineOptions options, TimeProvider time)
    {
        _model = model;
        _time = time;
        KvBytes = KvBudget.Choose(model.Description, options, weightBytes: 0, FreeMemory.Read());
        _prefillTokens = options.PrefillTokens;
        _buffers = new ForwardBuffers(options.Rows, options.PrefillTokens + 1, model.Description.VocabularySize);
        _pool = OpenPool(model, options);
        try
        {
            _session = model.Sessions.Open(_pool, _buffers);
        }
        catch
        {
            _pool.Dispose();
            throw;
        }
        _prefixes = new PrefixCache(_pool, options.PrefixCacheBytes);
        _rows = new RowTable(_pool);
        _workspace = new DecodingWorkspace(model.Description.VocabularySize);
        _step = new SearchStep(options.Rows);
        _kept = new bool[options.Rows];
        _next = new int[options.Rows];
        _discarded = new int[options.Rows];
    }

    /// <summary>Bytes of KV that may be reserved.</summary>
    public long KvBytes { get; }

    /// <summary>Searches whose rows decode.</summary>
    public List<EngineSearch> Decoding => _searches;

    public EngineCounters Counters => _counters with { CopiedPositions = _pool.CopiedPositions };

    /// <summary>Fingerprints of prompt beginnings in the cache.</summary>
    public ImmutableArray<ulong> Prefixes => _prefixes.Fingerprints;

    /// <summary>Any thread: how long the present forward pass has taken so far; zero between passes.</summary>
    public TimeSpan PassDuration => Volatile.Read(ref _passStart) is var start and not 0 ? _time.GetElapsedTime(start) : TimeSpan.Zero;

    /// <summary>Lets a search begin; one whose prompt is a single token joins the rows at once.</summary>
    public void Start(EngineSearch search)
    {
        search.Search ??= SearchFactory.Create(search.Ticket, _model.TokenBytes, _workspace);
        if (!search.HasPrefill && !search.Search.IsDone) Join(search, promptRow: -1);
    }

    /// <summary>
    /// How many of these searches one pass may prefill: whole prompts side by side, padded to the longest. Pieces of a prompt, prompts
    /// that continue a cached prefix and searches with several hypotheses go alone.
    /// </summary>
    /// <param name="chunks">What the plan prefills next, in order; not empty.</param>
    /// <param name="running">The searches that the chunks refer to.</param>
    public int CountTogether(ReadOnlySpan<PrefillChunk> chunks, List<EngineSearch> running)
    {
        int count = 0, shortest = int.MaxValue, longest = 0;
        foreach (PrefillChunk chunk in chunks)
        {
            EngineSearch search = running[chunk.Search];
            ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
            bool isPlain = search is { Defect: null, IsLost: false, Search.LiveCount: 1 };
            if (!isPlain || search.PromptRow >= 0 || chunk.Tokens != prompt.Length) break;
            shortest = int.Min(shortest, prompt.Length);
            longest = int.Max(longest, prompt.Length);
            // Padding is work too: at most half of the pass, and all of it within the budget.
            if (longest > 2 * shortest || (count + 1) * longest > _prefillTokens || _prefixes.Knows(prompt)) break;
            count++;
        }
        return int.Max(count, 1);
    }

    /// <summary>Computes some of a search's prompt; with the last of it the search joins the rows.</summary>
    /// <exception cref="ForwardException">The pass failed.</exception>
    public void Prefill(EngineSearch search, int tokens)
    {
        ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
        if (search.PromptRow < 0) tokens = BeginPrompt(search, prompt, tokens);
        Fill(0, prompt.Slice(search.PromptDone, tokens), search.PromptDone, width: tokens);
        _buffers.TotalLength[0] = search.PromptDone + tokens;
        Run(new ForwardShape(search.PromptRow, Rows: 1, tokens, Logits: 1));

        search.PromptDone += tokens;
        Count(search, tokens);
        if (search.PromptDone < prompt.Length) return;
        JoinPrefilled(search, search.PromptRow, logitsRow: 0);
        AdvancePrefilled(search);
    }

    /// <summary>Computes whole prompts in one pass, each in the row where its search will decode.</summary>
    /// <param name="searches">As <see cref="CountTogether"/> found them; 2 or more.</param>
    /// <exception cref="ForwardException">The pass failed.</exception>
    public void PrefillTogether(ReadOnlySpan<EngineSearch> searches)
    {
        int width = 0, first = _rows.Count;
        foreach (EngineSearch search in searches) width = int.Max(width, search.Ticket.PromptIds.Length);
        for (int i = 0; i < searches.Length; i++) Fill(i, searches[i].Ticket.PromptIds.AsSpan(), start: 0, width);
        _buffers.TotalLength[0] = width;
        Run(new ForwardShape(first, searches.Length, width, searches.Length));

        // All join before any advances: what a search forks or gives back lies behind the rows just filled.
        for (int i = 0; i < searches.Length; i++)
        {
            Count(searches[i], searches[i].Ticket.PromptIds.Length);
            JoinPrefilled(searches[i], first + i, logitsRow: i);
        }
        foreach (EngineSearch search in searches) AdvancePrefilled(search);
    }

    /// <summary>Feeds every row its next token and lets the searches choose what follows.</summary>
    /// <exception cref="ForwardException">The pass failed.</exception>
    public void Decode()
    {
        int rows = _rows.Count, longest = 0, replayed = 0;
        for (int row = 0; row < rows; row++)
        {
            int length = _rows.Length(row);
            _buffers.InputIds[row] = _rows.NextToken(row);
            _buffers.PositionIds[row] = length;
            _buffers.LastPositions[row] = length;
            longest = int.Max(longest, length);
        }
        _buffers.TotalLength[0] = longest + 1;

        // Logits come in the order of the searches; those of replaying rows come last and are ignored.
        int wanted = 0, ignored = rows;
        foreach (EngineSearch search in _searches)
        {
            bool replays = _rows.Replays(search.Rows[0]);
            search.LogitsRow = replays ? -1 : wanted;
            if (replays) replayed += search.RowCount;
            for (int i = 0; i < search.RowCount; i++) _buffers.LogitsIndex[replays ? --ignored : wanted++] = search.Rows[i];
        }
        Run(new ForwardShape(FirstRow: 0, rows, Tokens: 1, Logits: rows));

        _rows.AdvanceAll();
        _counters = _counters with { Steps = _counters.Steps + 1, ReplayedTokens = _counters.ReplayedTokens + replayed };
        for (int i = _searches.Count - 1; i >= 0; i--)
        {
            if (_searches[i].LogitsRow >= 0) Advance(_searches[i]);
        }
    }

    /// <summary>Ends a search's hypotheses as they stand.</summary>
    public void Stop(EngineSearch search, SearchEndReason reason)
    {
        Leave(search);
        search.Search!.Stop(reason, _step);
        search.Output.Append(_step.Events, _step.Logprobs);
    }

    /// <summary>Takes a search's rows out of the batch; what it generated stays with it.</summary>
    public void Leave(EngineSearch search)
    {
        // Each removal may move another of its rows; Rows is true again before the next.
        while (search.RowCount > 0) _rows.Remove(search.Rows[--search.RowCount]);
        if (search.IsDecoding) Detach(search);
        search.Reset();
    }

    /// <summary>A search gives its rows back, to go on later.</summary>
    public void Preempt(EngineSearch search)
    {
        Leave(search);
        _counters = _counters with { Preemptions = _counters.Preemptions + 1 };
    }

    /// <summary>Opens a new session in place of one whose pass failed.</summary>
    public void RebuildSession()
    {
        _counters = _counters with { FailedPasses = _counters.FailedPasses + 1 };
        _session.Dispose();
        _session = _model.Sessions.Open(_pool, _buffers);
    }

    public void Dispose()
    {
        _session.Dispose();
        _prefixes.Dispose();
        _pool.Dispose();
    }

    private static KvPool OpenPool(EngineModel model, EngineOptions options)
    {
        try
        {
            return new KvPool(model.Description, options.Rows);
        }
        catch (OutOfMemoryException e)
        {
            long bytes = model.Description.KvBytesPerPosition * model.Description.ContextLength * options.Rows;
            throw new BeamlineException(BeamlineErrorCode.InvalidConfiguration,
                $"There is no address space for {Counted.Of(options.Rows, "row")} of KV cache ({bytes >> 20} MiB); "
                    + "lower Beamline:Workers:Engine:Rows.",
                e);
        }
    }

    private int BeginPrompt(EngineSearch search, ReadOnlySpan<int> prompt, int tokens)
    {
        // A prompt that this pass completes is computed where its first row will be. One in part stays out of the way at the end: others
        // may join first.
        search.PromptRow = tokens == prompt.Length ? _rows.Count : _pool.Rows - 1;
        // At least two tokens are left to compute: a pass over one token has other bits.
        search.PromptDone = _prefixes.Restore(prompt, search.PromptRow, limit: prompt.Length - 2);
        search.CachedTokens += search.PromptDone;
        _counters = _counters with { CachedTokens = _counters.CachedTokens + search.PromptDone };
        return StepPlanner.ChunkSize(prompt.Length - search.PromptDone, tokens);
    }

    /// <summary>One row of a prompt pass; behind the prompt's end stands padding that nothing attends to.</summary>
    private void Fill(int index, ReadOnlySpan<int> tokens, int start, int width)
    {
        int at = index * width;
        for (int i = 0; i < width; i++)
        {
            _buffers.InputIds[at + i] = i < tokens.Length ? tokens[i] : 0;
            _buffers.PositionIds[at + i] = start + i;
        }
        _buffers.LastPositions[index] = start + tokens.Length - 1;
        _buffers.LogitsIndex[index] = at + tokens.Length - 1;
    }

    private void Count(EngineSearch search, int tokens)
    {
        search.PrefilledTokens += tokens;
        _counters = _counters with { PrefilledTokens = _counters.PrefilledTokens + tokens };
    }

    private void JoinPrefilled(EngineSearch search, int row, int logitsRow)
    {
        _prefixes.Save(search.Ticket.PromptIds.AsSpan(), row);
        Join(search, row);
        search.LogitsRow = logitsRow;
    }

    /// <summary>A search that goes on from a recorded state has chosen its next tokens already: it replays.</summary>
    private void AdvancePrefilled(EngineSearch search)
    {
        if (search.Search!.Step == 0) Advance(search);
    }

    private void Join(EngineSearch search, int promptRow)
    {
        ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
        int source = promptRow;
        for (int live = 0; live < search.Search!.LiveCount; live++)
        {
            search.Rows[live] = _rows.Add(search, live, source, prompt, search.Search.GeneratedIds(live));
            if (promptRow >= 0) source = search.Rows[0];
        }
        search.RowCount = search.Search.LiveCount;
        search.IsDecoding = true;
        _searches.Add(search);
    }

    private void Run(in ForwardShape shape)
    {
        Volatile.Write(ref _passStart, _time.GetTimestamp());
        try
        {
            _session.Run(shape);
        }
        catch (Exception e)
        {
            throw new ForwardException(e);
        }
        finally
        {
            Volatile.Write(ref _passStart, 0);
        }
    }

    private void Advance(EngineSearch search)
    {
        int vocabulary = _buffers.VocabularySize;
        LogitsRows logits = new(_buffers.Logits.AsSpan(search.LogitsRow * vocabulary, search.RowCount * vocabulary), vocabulary);
        try
        {
            search.Search!.Advance(logits, _step);
        }
        catch (Exception e)
        {
            search.Defect = e;      // its own affair: the other searches of the batch go on
            return;
        }
        MapRows(search);
        search.GeneratedTokens += _step.Events.Length;
        _counters = _counters with { GeneratedTokens = _counters.GeneratedTokens + _step.Events.Length };
        search.Output.Append(_step.Events, _step.Logprobs);
    }

    /// <summary>
    /// The first child of a hypothesis goes on in its row. Further children take rows of hypotheses that have none, from where their
    /// histories
    /// part, else new rows. Rows left over are given back.
    /// </summary>
    private void MapRows(EngineSearch search)
    {
        ReadOnlySpan<SearchEvent> live = search.Search!.IsDone ? [] : _step.Live;
        int before = search.RowCount;
        Span<bool> kept = _kept.AsSpan(0, before);
        kept.Clear();
        for (int i = 0; i < live.Length; i++)
        {
            int parent = live[i].Parent;
            _next[i] = kept[parent] ? -1 : search.Rows[parent];
            kept[parent] = true;
        }
        int spare = 0;
        for (int i = 0; i < live.Length; i++)
        {
            if (_next[i] >= 0) continue;
            int source = search.Rows[live[i].Parent];
            while (spare < before && kept[spare]) spare++;
            if (spare < before)
            {
                _next[i] = search.Rows[spare];
                kept[spare] = true;
                _rows.Refork(source, _next[i]);
            }
            else
            {
                _next[i] = _rows.Fork(source, search);
            }
        }

        int discarded = 0;
        for (int i = 0; i < before; i++)
        {
            if (!kept[i]) _discarded[discarded++] = search.Rows[i];
        }
        _next.AsSpan(0, live.Length).CopyTo(search.Rows);
        search.RowCount = live.Length;
        for (int i = 0; i < live.Length; i++) _rows.Append(search.Rows[i], i, live[i].Token);

        // From the back: the row that moves into a gap is then never one that is to go as well.
        _discarded.AsSpan(0, discarded).Sort();
        while (discarded > 0) _rows.Remove(_discarded[--discarded]);
        if (live.Length == 0) Detach(search);
    }

    private void Detach(EngineSearch search)
    {
        search.IsDecoding = false;
        _searches.Remove(search);
    }
}
