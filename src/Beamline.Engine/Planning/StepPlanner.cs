using Beamline.Abstractions.Requests;

namespace Beamline.Engine.Planning;

/// <summary>Decides what the next step does: a pure function of what waits, what runs and what there is.</summary>
/// <remarks>
/// Waiting searches start strictly in line, so a wide one is never overtaken for ever. When an interactive one does not fit, running batch
/// searches give way, latest first, if that is enough to make it fit; else nothing is taken from them. Prompts are prefilled one after
/// the other in order of admission.
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
        long freeBytes = limits.KvBytes;
        foreach (PlannedSearch search in running)
        {
            freeRows -= search.Rows;
            freeBytes -= search.KvBytes;
        }

        int standing = running.Length;      // running[standing..] may be batch searches already preempted
        foreach (PlannedSearch next in waiting)
        {
            // A preempted search waits again, ahead of batch work that came later: what was freed for an interactive one is not for that.
            if (plan.Preempt.Count > 0 && next.Priority == RequestPriority.Batch) break;
            if (!Fits(next, freeRows, freeBytes)
                && !(next.Priority == RequestPriority.Interactive
                    && MakeRoom(next, running, ref standing, ref freeRows, ref freeBytes, plan)))
            {
                break;
            }
            freeRows -= next.Rows;
            freeBytes -= next.KvBytes;
            plan.Admit++;
        }
        PlanPrefill(waiting, running, limits.PrefillTokens, plan);
    }

    private static bool Fits(in PlannedSearch search, int freeRows, long freeBytes) =>
        search.Rows <= freeRows && search.KvBytes <= freeBytes;

    private static bool MakeRoom(
        in PlannedSearch next, ReadOnlySpan<PlannedSearch> running, ref int standing, ref int freeRows, ref long freeBytes, StepPlan plan)
    {
        int rows = freeRows, first = standing, before = plan.Preempt.Count;
        long bytes = freeBytes;
        while (!Fits(next, rows, bytes))
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
            bytes += running[first].KvBytes;
            plan.Preempt.Add(first);
        }
        (standing, freeRows, freeBytes) = (first, rows, bytes);
        return true;
    }

    private static void PlanPrefill(ReadOnlySpan<PlannedSearch> waiting, ReadOnlySpan<PlannedSearch> running, int budget, StepPlan plan)
    {
        int place = 0;
        for (int i = 0; i < running.Length && budget >= 2; i++)
        {
            if (plan.Preempt.Contains(i)) continue;
            budget = AddChunk(place++, running[i].PromptLeft, budget, plan);
        }
        for (int i = 0; i < plan.Admit && budget >= 2; i++)
        {
            budget = AddChunk(place++, waiting[i].PromptLeft, budget, plan);
        }
    }

    private static int AddChunk(int search, int promptLeft, int budget, StepPlan plan)
    {
        if (promptLeft == 0) return budget;
        int tokens = ChunkSize(promptLeft, budget);
        plan.Prefill.Add(new(search, tokens));
        return promptLeft == tokens ? budget - tokens : 0;      // a prompt in part: the next one waits for it
    }

    /// <summary>
    /// How much of a prompt to compute at once. One new token differs from several in the last bits, so no chunk has one token and none
    /// leaves
    /// one behind; three tokens cannot be cut, so a chunk may exceed a budget of two by one.
    /// </summary>
    /// <param name="promptLeft">Prompt tokens to compute; 2 or more.</param>
    /// <param name="budget">Tokens wanted at most; 2 or more.</param>
    public static int ChunkSize(int promptLeft, int budget)
    {
        if (promptLeft <= int.Max(budget, 3)) return promptLeft;
        return promptLeft - budget == 1 ? budget - 1 : budget;
    }
}
