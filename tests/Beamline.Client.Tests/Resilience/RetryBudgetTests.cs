using Beamline.Client.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Beamline.Client.Tests.Resilience;

public sealed class RetryBudgetTests
{
    private static readonly RetryLimits Options = new()
    {
        MaxRetries = 6,
        MaxRetryTime = TimeSpan.FromSeconds(10),
        FirstRetryDelay = TimeSpan.FromMilliseconds(100),
        MaxRetryDelay = TimeSpan.FromMilliseconds(500),
    };

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(0.0, new[] { 50.0, 100, 200, 250, 250, 250 })]
    [InlineData(1.0, new[] { 100.0, 200, 400, 500, 500, 500 })]
    public void TryTake_FailureAfterFailure_DoublesTheDelayUpToTheLongest(double jitter, double[] expected)
    {
        RetryBudget budget = new(Options, _time, () => jitter);
        foreach (double milliseconds in expected)
        {
            budget.TryTake(TimeSpan.Zero, out TimeSpan delay).ShouldBeTrue();
            delay.TotalMilliseconds.ShouldBe(milliseconds, 1e-6);
        }
    }

    [Fact]
    public void TryTake_NumberUsedUp_Refuses()
    {
        RetryBudget budget = new(Options, _time, () => 0);
        for (int i = 0; i < Options.MaxRetries; i++) budget.TryTake(TimeSpan.Zero, out _).ShouldBeTrue();
        budget.TryTake(TimeSpan.Zero, out _).ShouldBeFalse();
        budget.Failures.ShouldBe(Options.MaxRetries);
    }

    [Fact]
    public void TryTake_TimeUsedUp_Refuses()
    {
        RetryBudget budget = new(Options, _time, () => 0);
        budget.TryTake(TimeSpan.Zero, out _).ShouldBeTrue();
        _time.Advance(Options.MaxRetryTime - TimeSpan.FromMilliseconds(100));
        budget.TryTake(TimeSpan.Zero, out _).ShouldBeTrue();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        budget.TryTake(TimeSpan.Zero, out _).ShouldBeFalse();
    }

    [Fact]
    public void TryTake_OtherSideAsksForAWait_WaitsThatLongOrNotAtAll()
    {
        RetryBudget budget = new(Options, _time, () => 0);
        budget.TryTake(TimeSpan.FromSeconds(3), out TimeSpan delay).ShouldBeTrue();
        delay.ShouldBe(TimeSpan.FromSeconds(3));
        budget.TryTake(TimeSpan.FromSeconds(11), out _).ShouldBeFalse();
    }

    [Fact]
    public void Refill_AfterFailures_StartsOver()
    {
        RetryBudget budget = new(Options, _time, () => 1);
        for (int i = 0; i < Options.MaxRetries; i++) budget.TryTake(TimeSpan.Zero, out _).ShouldBeTrue();
        _time.Advance(Options.MaxRetryTime);
        budget.Refill();
        budget.TryTake(TimeSpan.Zero, out TimeSpan delay).ShouldBeTrue();
        delay.ShouldBe(Options.FirstRetryDelay);
    }

    [Fact]
    public void TryTake_NoRetriesAllowed_RefusesTheFirst() =>
        new RetryBudget(Options with { MaxRetries = 0 }, _time, () => 0).TryTake(TimeSpan.Zero, out _).ShouldBeFalse();
}
