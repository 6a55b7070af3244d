using Beamline.Abstractions.Requests;
using Beamline.Engine.Planning;
using CsCheck;

namespace Beamline.Engine.Tests.Planning;

public sealed class StepPlannerTests
{
    private static readonly PlannerLimits Limits = new(Rows: 4, KvBytes: 1000, PrefillTokens: 10);

    [Fact]
    public void SearchesThatFit_AllStartAndTheirPromptsShareTheBudget()
    {
        StepPlan plan = Plan([Interactive(prompt: 4), Interactive(prompt: 3), Interactive(prompt: 9)], []);

        plan.Admit.ShouldBe(3);
        plan.Prefill.ShouldBe([new(0, 4), new(1, 3), new(2, 3)]);
    }

    [Fact]
    public void WideSearchAtTheFront_IsNotOvertaken() =>
        Plan([Interactive(rows: 3), Interactive(rows: 1)], [Interactive(rows: 2, prompt: 0)]).Admit.ShouldBe(0);

    [Fact]
    public void InteractiveWithoutRoom_LatestBatchGivesWay()
    {
        StepPlan plan = Plan([Interactive(rows: 2)], [Batch(rows: 2), Batch(rows: 1), Batch(rows: 1)]);

        plan.Preempt.ShouldBe([2, 1]);
        plan.Admit.ShouldBe(1);
    }

    [Fact]
    public void PreemptionThatWouldNotHelp_TakesNothing()
    {
        StepPlan plan = Plan([Interactive(rows: 4)], [Interactive(rows: 1, prompt: 0), Batch(rows: 3)]);

        plan.Preempt.ShouldBeEmpty();
        plan.Admit.ShouldBe(0);
    }

    [Fact]
    public void BatchWithoutRoom_Waits() => Plan([Batch(rows: 1)], [Batch(rows: 4)]).Admit.ShouldBe(0);

    [Theory]
    [InlineData(2, 2, 2)]
    [InlineData(3, 2, 3)]
    [InlineData(4, 2, 2)]
    [InlineData(5, 4, 3)]
    [InlineData(11, 10, 9)]
    [InlineData(12, 10, 10)]
    public void ChunkSize_NeverOneTokenAndNeverLeavesOne(int promptLeft, int budget, int expected) =>
        StepPlanner.ChunkSize(promptLeft, budget).ShouldBe(expected);

    [Fact]
    public void AnyState_PlanKeepsItsLaws()
    {
        Gen<PlannedSearch> search = Gen.Select(Gen.Bool, Gen.Int[1, 4], Gen.Long[1, 600], Gen.Int[0, 30], (batch, rows, bytes, prompt) =>
            new PlannedSearch(batch ? RequestPriority.Batch : RequestPriority.Interactive, rows, bytes, prompt == 1 ? 0 : prompt));
        Gen.Select(search.Array[0, 8], search.Array[0, 6], Gen.Int[2, 40]).Sample((unordered, candidates, budget) =>
        {
            PlannedSearch[] waiting = [.. unordered.OrderBy(one => one.Priority)];      // as the waiting line keeps them
            PlannedSearch[] running = [.. Fitting(candidates)];
            StepPlan plan = new();
            StepPlanner.Plan(waiting, running, Limits with { PrefillTokens = budget }, plan);

            PlannedSearch[] after = [.. running.Where((_, i) => !plan.Preempt.Contains(i)), .. waiting.Take(plan.Admit)];
            after.Sum(one => one.Rows).ShouldBeLessThanOrEqualTo(Limits.Rows);
            after.Sum(one => one.KvBytes).ShouldBeLessThanOrEqualTo(Limits.KvBytes);
            plan.Preempt.ShouldAllBe(i => running[i].Priority == RequestPriority.Batch);
            plan.Preempt.ShouldBe(plan.Preempt.Distinct().OrderDescending());
            if (plan.Preempt.Count > 0) waiting.Take(plan.Admit).ShouldAllBe(one => one.Priority == RequestPriority.Interactive);
            plan.Prefill.Sum(chunk => chunk.Tokens).ShouldBeLessThanOrEqualTo(budget + 1);
            foreach (PrefillChunk chunk in plan.Prefill)
            {
                int left = after[chunk.Search].PromptLeft - chunk.Tokens;
                chunk.Tokens.ShouldBeGreaterThanOrEqualTo(2);
                left.ShouldBeGreaterThanOrEqualTo(0);
                left.ShouldNotBe(1);
            }
            if (after.Any(one => one.PromptLeft > 0)) plan.Prefill.ShouldNotBeEmpty("a prompt must make progress");
            plan.Prefill.SkipLast(1).ShouldAllBe(chunk => after[chunk.Search].PromptLeft == chunk.Tokens);
        });
    }

    private static IEnumerable<PlannedSearch> Fitting(PlannedSearch[] candidates)
    {
        int rows = 0;
        long bytes = 0;
        foreach (PlannedSearch one in candidates)
        {
            if (rows + one.Rows > Limits.Rows || bytes + one.KvBytes > Limits.KvBytes) continue;
            rows += one.Rows;
            bytes += one.KvBytes;
            yield return one;
        }
    }

    private static StepPlan Plan(PlannedSearch[] waiting, PlannedSearch[] running)
    {
        StepPlan plan = new();
        StepPlanner.Plan(waiting, running, Limits, plan);
        return plan;
    }

    private static PlannedSearch Interactive(int rows = 1, int prompt = 5) => new(RequestPriority.Interactive, rows, 10, prompt);

    private static PlannedSearch Batch(int rows = 1, int prompt = 0) => new(RequestPriority.Batch, rows, 10, prompt);
}
