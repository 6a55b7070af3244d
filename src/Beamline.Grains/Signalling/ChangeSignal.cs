namespace Beamline.Grains.Signalling;

/// <summary>Lets calls of one grain wait for a change of its state. Used on the grain's own scheduler only.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = NewSource();

    /// <summary>Wakes everybody who waits.</summary>
    public void Notify()
    {
        TaskCompletionSource current = _next;
        _next = NewSource();
        current.TrySetResult();
    }

    /// <summary>Waits for the next change, a bounded time.</summary>
    public async ValueTask WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _next.Task.WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller looks at the state and answers with what there is.
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
