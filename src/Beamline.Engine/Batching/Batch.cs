using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Decoding;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Search;
using Beamline.Engine.Backends;
using Beamline.Engine.Configuration;
using Beamline.Engine.Planning;
using Beamline.Engine.Prefixes;
using Beamline.Engine.Reporting;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>
/// The searches that run, on one backend: what takes them in, computes them and lets them go. Owned by the engine thread; made anew when
/// the engine recovers.
/// </summary>
internal sealed class Batch : IDisposable
{
    private readonly EngineModel _model;
    private readonly IModelBackend _backend;
    private readonly PrefixCache _prefixes;
    private readonly PassRunner _passes;
    private readonly RowPool _rows;
    private readonly RowKeeper _keeper;
    private readonly Chooser _chooser;
    private readonly DecodingWorkspace _workspace;
    private long _preemptions;

    /// <summary>Loads the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Limits.</param>
    /// <param name="kvBytes">Memory for KV.</param>
    /// <param name="watch">Times the passes.</param>
    /// <param name="defect">Told of a search whose state machine threw.</param>
    /// <exception cref="Abstractions.Errors.BeamlineException">It cannot be loaded, or there is no memory for its KV cache.</exception>
    public Batch(EngineModel model, EngineOptions options, long kvBytes, PassWatch watch, Action<EngineSearch, Exception> defect)
    {
        _model = model;
        ModelDescription description = model.Description;
        ModelTraits traits = description.Traits;
        // One sequence and one row more than the searches take: a probe runs beside them.
        int rows = options.Rows + 1, longest = traits is { PromptInPieces: true, RecomputedBeyond: null } ? 0 : description.ContextLength;
        BackendLimits limits = new(rows, int.Max(int.Max(rows, options.PrefillTokens + 1), longest), kvBytes);
        _backend = model.Backends.Open(limits);
        _prefixes = new PrefixCache(Kv, description.Kv.BytesPerPosition, options.PrefixCacheBytes);
        _passes = new PassRunner(_backend, watch, limits);
        _rows = new RowPool(Kv);
        _keeper = new RowKeeper(Kv, _prefixes, _rows, traits);
        _workspace = new DecodingWorkspace(description.VocabularySize);
        _chooser = new Chooser(new HypothesisMap(_rows, options.Rows), description.VocabularySize, options.Rows, defect);
        Prompts = new PromptRunner(_backend, _passes, _rows, _keeper, _chooser, traits, description.VocabularySize);
        Decoding = new DecodeRunner(Kv, _passes, _rows, _chooser, description.VocabularySize, traits.RecomputedBeyond);
        Probe = new Probe(Kv, _passes);
        Describer = Describe;
    }

    /// <summary>The KV of its rows.</summary>
    public IKvCache Kv => _backend.Kv;

    /// <summary>Computes prompts.</summary>
    public PromptRunner Prompts { get; }

    /// <summary>Computes what follows them.</summary>
    public DecodeRunner Decoding { get; }

    /// <summary>Tells whether passes work at all.</summary>
    public Probe Probe { get; }

    /// <summary>Rows that searches have.</summary>
    public int OpenRows => _rows.Count;

    /// <summary>Bytes that the cache of prefixes holds.</summary>
    public long PrefixBytes => _prefixes.UsedBytes;

    /// <summary>Fingerprints of prompt beginnings in the cache.</summary>
    public ImmutableArray<ulong> Prefixes => _prefixes.Fingerprints;

    /// <summary>Sums since it was made.</summary>
    public EngineCounters Counters => new(
        _passes.Passes,
        _chooser.GeneratedTokens,
        Prompts.PrefilledTokens,
        _keeper.CachedTokens,
        Decoding.ReplayedTokens,
        Kv.CopiedPositions,
        _preemptions,
        FailedPasses: 0,
        Recoveries: 0);

    /// <summary><see cref="Describe"/>, made once.</summary>
    public Func<EngineSearch, PlannedSearch> Describer { get; }

    /// <summary>What a plan needs to know of a search.</summary>
    public PlannedSearch Describe(EngineSearch search)
    {
        int prompt = search.Ticket.PromptIds.Length, left = 0;
        if (search.HasPrefill && search.Life != SearchLife.Decoding)
        {
            _keeper.LookUp(search);
            left = prompt - (search.PromptSequence >= 0 ? search.PromptDone : search.CachedPrefix);
        }
        ModelTraits traits = _model.Description.Traits;
        bool inOnePiece = !traits.PromptInPieces || prompt > traits.RecomputedBeyond;
        return new(search.Ticket.Priority, search.RowsHeld, CostOf(search), left, inOnePiece);
    }

    /// <summary>Blocks that a search needs for its next step, at most.</summary>
    public int CostOf(EngineSearch search)
    {
        // A row that crossed the border was computed again: its positions are its own, also those of the prompt.
        int prompt = search.Ticket.PromptIds.Length, length = search.KnownTokens + 1;
        bool isRecomputed = _model.Description.Traits.RecomputedBeyond is { } border && prompt <= border && length > border;
        return Kv.Cost(search.RowsHeld, isRecomputed ? 0 : prompt, length);
    }

    /// <summary>Lets a search begin, or go on: where it was, if that was kept.</summary>
    public void Start(EngineSearch search)
    {
        search.Search ??= SearchFactory.Create(search.Ticket, _model.TokenBytes, _workspace);
        if (search.Search.IsDone) search.End(Outcomes.Completed(search));
        else if (search.Search.Step > 0 && _keeper.TryRestoreRows(search)) search.Enter(SearchLife.Decoding);
        else if (search.HasPrefill) search.Enter(SearchLife.Prefilling);
        else
        {
            for (int live = 0; live < search.Search.LiveCount; live++)
            {
                search.Rows[live] = _rows.Add(search, live, Kv.Open(isBrief: true));
                search.RowCount++;
            }
            search.Enter(SearchLife.Decoding);
        }
    }

    /// <summary>A search gives its rows back, to go on later; what they hold is kept as far as there is room.</summary>
    public void Preempt(EngineSearch search)
    {
        _keeper.SaveRows(search);
        _keeper.DropRows(search);
        search.CachedVersion = -1;
        search.Enter(SearchLife.Preempted);
        _preemptions++;
    }

    /// <summary>Ends a search's hypotheses as they stand.</summary>
    public void Stop(EngineSearch search, SearchEndReason reason) => _chooser.Stop(search, reason);

    /// <summary>Gives back what a search holds that is about to end.</summary>
    public void DropRows(EngineSearch search) => _keeper.DropRows(search);

    /// <summary>Takes a search that has ended out of the batch.</summary>
    public void Leave(EngineSearch search)
    {
        _keeper.DropRows(search);
        _keeper.Forget(search);
    }

    /// <summary>Opens a new session in place of one whose passes failed.</summary>
    /// <returns>Whether the searches still have their rows.</returns>
    public bool Reopen() => _backend.Reopen();

    /// <inheritdoc/>
    public void Dispose()
    {
        _prefixes.Dispose();
        _backend.Dispose();
    }
}
