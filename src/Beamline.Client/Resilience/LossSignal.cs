namespace Beamline.Client.Resilience;

/// <summary>
/// Says that a silo of the cluster was lost, so that calls under way are repeated at once. A process without a silo needs it: its calls
/// pass
/// through silos that do not tell it which of them were lost on the way, and would otherwise wait for their timeout.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class LossSignal
{
    private TaskCompletionSource _next = NewSource();

    /// <summary>Completes with the next loss.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>A silo was lost.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, NewSource()).TrySetResult();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
