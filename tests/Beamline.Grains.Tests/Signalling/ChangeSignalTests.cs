using Beamline.Grains.Signalling;
using Microsoft.Extensions.Time.Testing;

namespace Beamline.Grains.Tests.Signalling;

public sealed class ChangeSignalTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();
    private readonly ChangeSignal _signal;
    private bool _isWanted;

    public ChangeSignalTests() => _signal = new(_time);

    private Task WaitAsync() => _signal.WaitUntilAsync(() => _isWanted, Limit, TestContext.Current.CancellationToken).AsTask();

    [Fact]
    public void WantedState_IsNotWaitedFor()
    {
        _isWanted = true;
        WaitAsync().IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Change_WakesEverybody()
    {
        Task one = WaitAsync(), other = WaitAsync();
        one.IsCompleted.ShouldBeFalse();
        _isWanted = true;
        _signal.Notify();
        await Task.WhenAll(one, other);
    }

    [Fact]
    public async Task ChangeToSomethingElse_GoesOnWaiting_ForTheRestOfTheTime()
    {
        Task waiting = WaitAsync();
        _time.Advance(Limit / 2);
        _signal.Notify();
        waiting.IsCompleted.ShouldBeFalse();
        // The wait of before may still be on its way to the next one, so the clock moves until that has seen it.
        while (!waiting.IsCompleted)
        {
            _time.Advance(Limit / 2);
            await Task.Yield();
        }
        await waiting;
    }

    [Fact]
    public async Task WaitThatRunsOut_ReturnsWithoutAnError()
    {
        Task waiting = WaitAsync();
        _time.Advance(Limit);
        await waiting;
    }

    [Fact]
    public async Task Cancellation_EndsTheWait()
    {
        using CancellationTokenSource leaving = new();
        Task waiting = _signal.WaitUntilAsync(() => _isWanted, Limit, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
    }
}
