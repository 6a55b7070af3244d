namespace Beamline.Grains.Signalling;

/// <summary>Lets calls of one grain wait for a change of its state. Used on the grain's own scheduler only.</summary>
internal sealed class ChangeSignal(TimeProvider time)
{
    private TaskCompletionSource _next = NewSource();

    /// <summary>Wakes everybody who waits.</summary>
    public void Notify()
    {
        TaskCompletionSource current = _next;
        _next = NewSource();
        current.TrySetResult();
    }

    /// <summary>Waits until the state is as wanted, a bounded time: the caller answers with what there is then.</summary>
    /// <param name="isWanted">Looks at the state: now, and after each change.</param>
    /// <param name="limit">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask WaitUntilAsync(Func<bool> isWanted, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (!isWanted() && limit - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
        {
            try
            {
                await _next.Task.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return;
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
