using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Decoding;
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
        KvBytes = KvBudget.Choose(model.Description, options);
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

    /// <summary>Any thread: how long the present forward pass has taken so far; zero between passes.</summary>
    public TimeSpan PassDuration => Volatile.Read(ref _passStart) is var start and not 0 ? _time.GetElapsedTime(start) : TimeSpan.Zero;

    /// <summary>Lets a search begin; one whose prompt is a single token joins the rows at once.</summary>
    public void Start(EngineSearch search)
    {
        search.Search ??= SearchFactory.Create(search.Ticket, _model.TokenBytes, _workspace);
        if (!search.HasPrefill && !search.Search.IsDone) Join(search, promptRow: -1);
    }

    /// <summary>Computes some of a search's prompt; with the last of it the search joins the rows.</summary>
    /// <exception cref="ForwardException">The pass failed.</exception>
    public void Prefill(EngineSearch search, int tokens)
    {
        ReadOnlySpan<int> prompt = search.Ticket.PromptIds.AsSpan();
        if (search.PromptRow < 0) tokens = BeginPrompt(search, prompt, tokens);
        int row = search.PromptRow, start = search.PromptDone;

        for (int i = 0; i < tokens; i++)
        {
            _buffers.InputIds[i] = prompt[start + i];
            _buffers.PositionIds[i] = start + i;
        }
        _buffers.LastPositions[0] = start + tokens - 1;
        _buffers.TotalLength[0] = start + tokens;
        _buffers.LogitsIndex[0] = tokens - 1;
        Run(new ForwardShape(row, Rows: 1, tokens, Logits: 1));

        search.PromptDone += tokens;
        search.PrefilledTokens += tokens;
        _counters = _counters with { PrefilledTokens = _counters.PrefilledTokens + tokens };
        if (search.PromptDone < prompt.Length) return;

        _prefixes.Save(prompt, row);
        Join(search, row);
        if (search.Search!.Step == 0)
        {
            search.LogitsRow = 0;
            Advance(search);
        }
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
                $"There is no address space for {options.Rows} rows of KV cache ({bytes >> 20} MiB); lower Beamline:Workers:Rows.", e);
        }
    }

    private int BeginPrompt(EngineSearch search, ReadOnlySpan<int> prompt, int tokens)
    {
        // A prompt that this pass completes is computed where its first row will be. One in part stays out of the way at the end: others may join first.
        search.PromptRow = tokens == prompt.Length ? _rows.Count : _pool.Rows - 1;
        // At least two tokens are left to compute: a pass over one token has other bits.
        search.PromptDone = _prefixes.Restore(prompt, search.PromptRow, limit: prompt.Length - 2);
        search.CachedTokens += search.PromptDone;
        _counters = _counters with { CachedTokens = _counters.CachedTokens + search.PromptDone };
        return StepPlanner.ChunkSize(prompt.Length - search.PromptDone, tokens);
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
        _counters = _counters with { GeneratedTokens = _counters.GeneratedTokens + _step.Events.Length };
        search.Output.Append(_step.Events, _step.Logprobs);
    }

    /// <summary>
    /// The first child of a hypothesis goes on in its row. Further children take rows of hypotheses that have none, from where their histories
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
