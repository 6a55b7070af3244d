using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>Holds the engine's thread before a certain pass until it is opened.</summary>
internal sealed class Gate(int afterPasses)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _open = new();
    private int _passes;

    /// <summary>Completes when the engine stands at the gate.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _open.Set();

    public void Pass(ForwardPass pass)
    {
        if (++_passes <= afterPasses) return;
        _reached.TrySetResult();
        _open.Wait();
    }
}
