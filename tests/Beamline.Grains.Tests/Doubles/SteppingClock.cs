using Microsoft.Extensions.Time.Testing;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>
/// A clock that jumps to whatever somebody waits for, so that a bounded wait takes no time. For code that waits for one thing at a time.
/// </summary>
internal sealed class SteppingClock : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero) ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        return timer;
    }
}
