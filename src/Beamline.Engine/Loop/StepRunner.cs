using System.Runtime.InteropServices;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Batching;
using Beamline.Engine.Configuration;
using Beamline.Engine.Planning;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Loop;

/// <summary>One step: plans, lets searches in and out, computes prompts, decodes. Owned by the engine thread.</summary>
/// <param name="model">The model.</param>
/// <param name="options">Limits.</param>
/// <param name="watch">Says what a prompt's token costs.</param>
/// <param name="guard">Deals with failed passes.</param>
/// <param name="roster">The searches.</param>
/// <param name="defect">Told of a search that could not be begun.</param>
internal sealed class StepRunner(
    EngineModel model, EngineOptions options, PassWatch watch, PassGuard guard, Roster roster, Action<EngineSearch, Exception> defect)
{
    private readonly string _name = model.Description.Name;
    private readonly StepPlan _plan = new();
    private readonly PlannedSearch[] _waitingViews = new PlannedSearch[options.Rows];
    private readonly PlannedSearch[] _runningViews = new PlannedSearch[options.Rows];
    private readonly List<EngineSearch> _decoding = [];
    private bool _isBroken;

    /// <summary>Runs one step.</summary>
    /// <returns>False when no pass works any more; then what ran has ended as lost.</returns>
    public bool TryRun(Batch batch)
    {
        _isBroken = false;
        Plan(batch);
        if (_plan.Outgrown >= 0) roster.Running[_plan.Outgrown].End(Outcomes.OutOfRoom(_name, roster.Running[_plan.Outgrown].KnownTokens));
        foreach (int place in _plan.Preempt)
        {
            EngineSearch search = roster.Running[place];
            GiveWay(batch, search);
            if (search.Life == SearchLife.Preempted) roster.Running.RemoveAt(place);
            else roster.Leave(search);
        }
        for (int i = 0; i < _plan.Admit; i++) Admit(batch);
        ReadOnlySpan<PrefillChunk> chunks = CollectionsMarshal.AsSpan(_plan.Prefill);
        while (!chunks.IsEmpty && !_isBroken) chunks = Prefill(batch, chunks);
        if (!_isBroken) Decode(batch);
        roster.Running.RemoveAll(static search => search.Life is SearchLife.Preempted or SearchLife.Ended);
        for (int i = roster.Running.Count - 1; i >= 0; i--)
        {
            if (roster.Running[i].Life == SearchLife.Ending) roster.Leave(roster.Running[i]);
        }
        return !_isBroken;
    }

    private void Plan(Batch batch)
    {
        int waiting = roster.Line.CopyFront(_waitingViews, batch.Describer);
        int prefill = options.PrefillTokens;
        for (int i = 0; i < roster.Running.Count; i++)
        {
            _runningViews[i] = batch.Describe(roster.Running[i]);
            // Somebody waits while prompts are computed: no longer than they are to.
            if (roster.Running[i].Life == SearchLife.Decoding && watch.SecondsPerPromptToken > 0)
            {
                prefill = (int)double.Clamp(options.PrefillTime.TotalSeconds / watch.SecondsPerPromptToken, 2, options.PrefillTokens);
            }
        }
        PlannerLimits limits = new(options.Rows, batch.Kv.Blocks, prefill);
        StepPlanner.Plan(_waitingViews.AsSpan(0, waiting), _runningViews.AsSpan(0, roster.Running.Count), limits, _plan);
    }

    /// <summary>A running search waits again, to go on later; one that could never go on here moves.</summary>
    private void GiveWay(Batch batch, EngineSearch search)
    {
        if (!search.IsActive) return;
        if (batch.CostOf(search) > batch.Kv.Blocks)
        {
            search.End(Outcomes.OutOfRoom(_name, search.KnownTokens));
            return;
        }
        batch.Preempt(search);
        roster.Return(search);
    }

    /// <summary>
    /// Starts the search that the plan saw at the front. Preempted ones went behind it: the plan admits interactive searches first.
    /// </summary>
    private void Admit(Batch batch)
    {
        EngineSearch search = roster.Admit();
        try
        {
            batch.Start(search);
        }
        catch (Exception e)
        {
            defect(search, e);
            search.End(Outcomes.Defective);
        }
    }

    /// <summary>Prefills the next chunk, or as many as one pass takes.</summary>
    /// <returns>The chunks that are left.</returns>
    private ReadOnlySpan<PrefillChunk> Prefill(Batch batch, ReadOnlySpan<PrefillChunk> chunks)
    {
        PrefillChunk chunk = chunks[0];
        EngineSearch first = roster.Running[chunk.Search];
        if (first.Life != SearchLife.Prefilling) return chunks[1..];      // it has ended, or begins with its rows
        ReadOnlySpan<EngineSearch> group = batch.Prompts.Group(chunks, roster.Running);
        int count = group.Length;
        try
        {
            if (count == 1 || !batch.Prompts.TryRun(group))
            {
                foreach (EngineSearch search in group) PrefillAlone(batch, search, count > 1 ? int.MaxValue : chunk.Tokens);
            }
            guard.Succeeded(decode: false);
        }
        catch (ForwardException e)
        {
            if (!TryCarryOn(batch, e, group, chunk.Tokens)) return [];
        }
        return chunks[count..];
    }

    // Apart, since what it hands over would cost every pass an allocation.
    private bool TryCarryOn(Batch batch, ForwardException failure, ReadOnlySpan<EngineSearch> group, int tokens)
    {
        int piece = group.Length > 1 ? int.MaxValue : tokens;
        PassVerdict verdict = guard.Handle(failure, group, decode: false, batch, search => PrefillAlone(batch, search, piece));
        Judge(verdict);
        return verdict == PassVerdict.Sound;
    }

    private void PrefillAlone(Batch batch, EngineSearch search, int tokens)
    {
        if (search.Life == SearchLife.Prefilling && !batch.Prompts.TryRun(search, tokens)) FindRoom(batch, search);
    }

    private void Decode(Batch batch)
    {
        _decoding.Clear();
        foreach (EngineSearch search in roster.Running)
        {
            if (search.Life != SearchLife.Decoding) continue;
            if (batch.Decoding.IsAtBorder(search)) Recompute(batch, search);
            else _decoding.Add(search);
        }
        _decoding.RemoveAll(static search => search.Life != SearchLife.Decoding);
        if (_decoding.Count == 0) return;
        ReadOnlySpan<EngineSearch> group = CollectionsMarshal.AsSpan(_decoding);
        try
        {
            if (!batch.Decoding.TryRun(group)) FindRoom(batch, _decoding[^1]);
            else guard.Succeeded(decode: true);
        }
        catch (ForwardException e)
        {
            DecodeFailed(batch, e, group);
        }
    }

    private void DecodeFailed(Batch batch, ForwardException failure, ReadOnlySpan<EngineSearch> group) =>
        Judge(guard.Handle(failure, group, decode: true, batch, search => DecodeAlone(batch, search)));

    private void DecodeAlone(Batch batch, EngineSearch search)
    {
        if (!batch.Decoding.TryRun([search])) FindRoom(batch, search);
    }

    private void Recompute(Batch batch, EngineSearch search)
    {
        try
        {
            if (!batch.Decoding.TryRecompute(search)) search.End(Outcomes.Lost($"{_name} had no memory to compute the search again."));
        }
        catch (ForwardException e)
        {
            search.End(Outcomes.Lost($"A forward pass of {_name} failed."));
            Judge(guard.Handle(e, [], decode: false, batch, static _ => { }));
        }
    }

    /// <summary>
    /// There is less memory than the plan counted on: a search gives way, or moves when there is nobody to give way to.
    /// </summary>
    private void FindRoom(Batch batch, EngineSearch search)
    {
        if (roster.Running.Count(static one => one.IsActive) > 1) GiveWay(batch, search);
        else search.End(Outcomes.Lost($"There is no memory for the KV cache of {_name} at present."));
    }

    private void Judge(PassVerdict verdict)
    {
        if (verdict == PassVerdict.Sound) return;
        SearchOutcome lost = Outcomes.Lost($"A forward pass of {_name} failed.");
        foreach (EngineSearch search in roster.Running)
        {
            if (search.IsActive) search.End(lost);      // one that gave way in this step is in the line
        }
        _isBroken |= verdict == PassVerdict.Broken;
    }
}
