using Beamline.Abstractions.Requests;
using Beamline.Engine.Planning;
using CsCheck;

namespace Beamline.Engine.Tests.Planning;

public sealed class StepPlannerTests
{
    private static readonly PlannerLimits Limits = new(Rows: 4, Blocks: 1000, PrefillTokens: 10);

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
    public void RunningOnesOutgrowTheMemory_TheLatestGiveWay_BatchFirst()
    {
        StepPlan plan = Plan([Interactive()], [Batch(blocks: 300), Interactive(blocks: 300), Batch(blocks: 300), Interactive(blocks: 300)]);

        plan.Preempt.ShouldBe([2]);
        plan.Admit.ShouldBe(0, "what was freed is for those that run");
        plan.Outgrown.ShouldBe(-1);
    }

    [Fact]
    public void OneOutgrowsTheMemoryAlone_IsNamed()
    {
        StepPlan plan = Plan([], [Batch(blocks: 10), Interactive(blocks: 1001), Interactive(blocks: 10)]);

        plan.Preempt.ShouldBe([2, 0]);
        plan.Outgrown.ShouldBe(1);
    }

    [Fact]
    public void BesideOthers_OneComesInOnlyWhereEveryRowCanGrow()
    {
        Plan([Interactive(rows: 2, blocks: 497)], [Interactive(rows: 1, prompt: 0, blocks: 500)]).Admit.ShouldBe(1);
        Plan([Interactive(rows: 2, blocks: 498)], [Interactive(rows: 1, prompt: 0, blocks: 500)]).Admit.ShouldBe(0);
        Plan([Interactive(rows: 2, blocks: 1000)], []).Admit.ShouldBe(1, "alone it may have everything");
    }

    [Fact]
    public void PromptThatCannotBeCut_IsComputedAtOnce() =>
        Plan([Interactive(prompt: 99) with { InOnePiece = true }, Interactive(prompt: 3)], []).Prefill.ShouldBe([new(0, 99)]);

    [Fact]
    public void AnyState_PlanKeepsItsLaws()
    {
        Gen<PlannedSearch> search = Gen.Select(Gen.Bool, Gen.Int[1, 4], Gen.Long[1, 600], Gen.Int[0, 30], (batch, rows, blocks, prompt) =>
            new PlannedSearch(batch ? RequestPriority.Batch : RequestPriority.Interactive, rows, blocks, prompt == 1 ? 0 : prompt));
        var states = Gen.Select(search.Array[0, 8], search.Array[0, 6], Gen.Int[2, 40], Gen.Long[0, 300]);
        states.Sample((unordered, candidates, budget, growth) =>
        {
            PlannedSearch[] waiting = [.. unordered.OrderBy(one => one.Priority)];      // as the waiting line keeps them
            PlannedSearch[] running = [.. Fitting(candidates).Select(one => one with { Blocks = one.Blocks + growth })];
            bool grown = running.Sum(one => one.Blocks) > Limits.Blocks;
            StepPlan plan = new();
            StepPlanner.Plan(waiting, running, Limits with { PrefillTokens = budget }, plan);

            PlannedSearch[] after = [.. running.Where((_, i) => !plan.Preempt.Contains(i)), .. waiting.Take(plan.Admit)];
            after.Sum(one => one.Rows).ShouldBeLessThanOrEqualTo(Limits.Rows);
            if (plan.Outgrown < 0) after.Sum(one => one.Blocks).ShouldBeLessThanOrEqualTo(Limits.Blocks);
            else after.ShouldHaveSingleItem();
            plan.Preempt.ShouldBe(plan.Preempt.Distinct().OrderDescending());
            if (!grown) plan.Preempt.ShouldAllBe(i => running[i].Priority == RequestPriority.Batch);
            else plan.Admit.ShouldBe(0);
            if (grown && running.Length > 0) after.ShouldNotBeEmpty("somebody always goes on");
            if (!grown && plan.Preempt.Count > 0)
            {
                waiting.Take(plan.Admit).ShouldAllBe(one => one.Priority == RequestPriority.Interactive);
            }
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
        long blocks = 0;
        foreach (PlannedSearch one in candidates)
        {
            if (rows + one.Rows > Limits.Rows || blocks + one.Blocks > Limits.Blocks) continue;
            rows += one.Rows;
            blocks += one.Blocks;
            yield return one;
        }
    }

    private static StepPlan Plan(PlannedSearch[] waiting, PlannedSearch[] running)
    {
        StepPlan plan = new();
        StepPlanner.Plan(waiting, running, Limits, plan);
        return plan;
    }

    private static PlannedSearch Interactive(int rows = 1, int prompt = 5, long blocks = 10) =>
        new(RequestPriority.Interactive, rows, blocks, prompt);

    private static PlannedSearch Batch(int rows = 1, int prompt = 0, long blocks = 10) => new(RequestPriority.Batch, rows, blocks, prompt);
}
