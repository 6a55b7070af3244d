using Beamline.Abstractions.Requests;

namespace Beamline.Engine.Planning;

/// <summary>Decides what the next step does: a pure function of what waits, what runs and what there is.</summary>
/// <remarks>
/// Running searches grow; when they need more KV than there is, the latest give way, batch before interactive, and wait at the front of the
/// line. Waiting searches start strictly in line, so a wide one is never overtaken for ever. When an interactive one does not fit, running
/// batch searches give way, latest first, if that is enough to make it fit; else nothing is taken from them. Prompts are prefilled one
/// after the other in order of admission.
/// </remarks>
public static class StepPlanner
{
    /// <summary>Plans one step.</summary>
    /// <param name="waiting">The front of the line, first to start first.</param>
    /// <param name="running">Running searches in order of admission.</param>
    /// <param name="limits">What there is.</param>
    /// <param name="plan">Receives the plan; its former content is dropped.</param>
    public static void Plan(
        ReadOnlySpan<PlannedSearch> waiting, ReadOnlySpan<PlannedSearch> running, in PlannerLimits limits, StepPlan plan)
    {
        plan.Clear();
        int freeRows = limits.Rows;
        long freeBlocks = limits.Blocks;
        foreach (PlannedSearch search in running)
        {
            freeRows -= search.Rows;
            freeBlocks -= search.Blocks;
        }
        if (freeBlocks < 0) GiveWay(running, -freeBlocks, plan);      // whoever gave way is not taken in again at once
        else Admit(waiting, running, limits, freeRows, freeBlocks, plan);
        PlanPrefill(waiting, running, limits.PrefillTokens, plan);
    }

    /// <summary>
    /// How much of a prompt to compute at once. One new token differs from several in the last bits, so no chunk has one token and none
    /// leaves one behind; three tokens cannot be cut, so a chunk may exceed a budget of two by one.
    /// </summary>
    /// <param name="promptLeft">Prompt tokens to compute; 2 or more.</param>
    /// <param name="budget">Tokens wanted at most; 2 or more.</param>
    public static int ChunkSize(int promptLeft, int budget)
    {
        if (promptLeft <= int.Max(budget, 3)) return promptLeft;
        return promptLeft - budget == 1 ? budget - 1 : budget;
    }

    /// <summary>The latest go, batch before interactive; the first of those with the highest priority stays.</summary>
    private static void GiveWay(ReadOnlySpan<PlannedSearch> running, long missing, StepPlan plan)
    {
        int stays = 0;
        while (stays < running.Length && running[stays].Priority != RequestPriority.Interactive) stays++;
        if (stays == running.Length) stays = 0;
        foreach (RequestPriority priority in (ReadOnlySpan<RequestPriority>)[RequestPriority.Batch, RequestPriority.Interactive])
        {
            for (int place = running.Length - 1; place >= 0 && missing > 0; place--)
            {
                if (place == stays || running[place].Priority != priority) continue;
                plan.Preempt.Add(place);
                missing -= running[place].Blocks;
            }
        }
        plan.Preempt.Sort(static (one, other) => other - one);
        if (missing > 0) plan.Outgrown = stays;
    }

    private static void Admit(
        ReadOnlySpan<PlannedSearch> waiting, ReadOnlySpan<PlannedSearch> running, in PlannerLimits limits, int freeRows, long freeBlocks,
        StepPlan plan)
    {
        int standing = running.Length;      // running[standing..] may be batch searches already preempted
        foreach (PlannedSearch next in waiting)
        {
            // A preempted search waits again, ahead of batch work that came later: what was freed for an interactive one is not for that.
            if (plan.Preempt.Count > 0 && next.Priority == RequestPriority.Batch) break;
            if (!Fits(next, limits, freeRows, freeBlocks)
                && !(next.Priority == RequestPriority.Interactive
                    && MakeRoom(next, running, limits, ref standing, ref freeRows, ref freeBlocks, plan)))
            {
                break;
            }
            freeRows -= next.Rows;
            freeBlocks -= next.Blocks;
            plan.Admit++;
        }
    }

    /// <summary>
    /// Beside others, one comes in only where each row that runs then can grow by a block: else it would soon have to go again.
    /// </summary>
    private static bool Fits(in PlannedSearch search, in PlannerLimits limits, int freeRows, long freeBlocks)
    {
        int rowsBeside = limits.Rows - freeRows;
        int reserve = rowsBeside == 0 ? 0 : rowsBeside + search.Rows;
        return search.Rows <= freeRows && search.Blocks + reserve <= freeBlocks;
    }

    private static bool MakeRoom(
        in PlannedSearch next, ReadOnlySpan<PlannedSearch> running, in PlannerLimits limits, ref int standing, ref int freeRows,
        ref long freeBlocks, StepPlan plan)
    {
        int rows = freeRows, first = standing, before = plan.Preempt.Count;
        long blocks = freeBlocks;
        while (!Fits(next, limits, rows, blocks))
        {
            do
            {
                if (--first < 0)
                {
                    plan.Preempt.RemoveRange(before, plan.Preempt.Count - before);
                    return false;
                }
            }
            while (running[first].Priority != RequestPriority.Batch);
            rows += running[first].Rows;
            blocks += running[first].Blocks;
            plan.Preempt.Add(first);
        }
        (standing, freeRows, freeBlocks) = (first, rows, blocks);
        return true;
    }

    private static void PlanPrefill(ReadOnlySpan<PlannedSearch> waiting, ReadOnlySpan<PlannedSearch> running, int budget, StepPlan plan)
    {
        int place = 0;
        for (int i = 0; i < running.Length && budget >= 2; i++)
        {
            if (plan.Preempt.Contains(i)) continue;
            budget = AddChunk(place++, running[i], budget, plan);
        }
        for (int i = 0; i < plan.Admit && budget >= 2; i++)
        {
            budget = AddChunk(place++, waiting[i], budget, plan);
        }
    }

    private static int AddChunk(int place, in PlannedSearch search, int budget, StepPlan plan)
    {
        if (search.PromptLeft == 0) return budget;
        int tokens = search.InOnePiece ? search.PromptLeft : ChunkSize(search.PromptLeft, budget);
        plan.Prefill.Add(new(place, tokens));
        return search.PromptLeft == tokens ? budget - tokens : 0;      // a prompt in part: the next one waits for it
    }
}
