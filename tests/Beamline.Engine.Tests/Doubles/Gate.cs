using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>Holds the engine's thread before a certain pass until it is opened.</summary>
internal sealed class Gate(int afterPasses = int.MaxValue)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _open = new();
    private int _after = afterPasses;
    private int _passes;

    /// <summary>Completes when the engine stands at the gate.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Holds it at the next pass.</summary>
    public void Arm() => Volatile.Write(ref _after, 0);

    public void Open() => _open.Set();

    public void Pass(ForwardPass pass)
    {
        if (++_passes <= Volatile.Read(ref _after)) return;
        _reached.TrySetResult();
        _open.Wait();
    }
}
