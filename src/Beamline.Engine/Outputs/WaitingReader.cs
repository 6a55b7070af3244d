namespace Beamline.Engine.Outputs;

/// <summary>A reader that waits for news.</summary>
/// <param name="from">The first event it wants: it waits for a number of events above this.</param>
/// <param name="since">When it had its last delivery, in the clock's ticks.</param>
/// <remarks>Its continuation runs on a thread of the pool, never on the one that wakes it.</remarks>
internal sealed class WaitingReader(long from, long since) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long From => from;

    public long Since => since;

    /// <summary>The one that came before it; owned by <see cref="WaitingReaders"/>, and kept when it leaves.</summary>
    public WaitingReader? Next;

    /// <summary>The one that came after it; owned by <see cref="WaitingReaders"/>.</summary>
    public WaitingReader? Previous;
}
