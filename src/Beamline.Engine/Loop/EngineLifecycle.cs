using Beamline.Engine.Reporting;

namespace Beamline.Engine.Loop;

/// <summary>The engine's state: all changes of it are here. Safe for concurrent use.</summary>
/// <param name="time">The clock.</param>
internal sealed class EngineLifecycle(TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile EngineState _state;
    private long _troubledSince;

    /// <summary>Where the engine is.</summary>
    public EngineState State => _state;

    /// <summary>How long it has not been able to work, in spite of all tries; zero while it is.</summary>
    public TimeSpan TroubledFor
    {
        get
        {
            lock (_lock)
            {
                bool isTroubled = _state is EngineState.Recovering or EngineState.Hanging;
                return isTroubled ? time.GetElapsedTime(_troubledSince) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Goes to another state, where there is a way.</summary>
    /// <returns>Whether it went: false when it is there already, or somewhere from where it cannot go back.</returns>
    public bool TryEnter(EngineState next)
    {
        lock (_lock)
        {
            bool isWay = (_state, next) switch
            {
                (EngineState.Running, EngineState.Recovering or EngineState.Hanging) => true,
                (EngineState.Recovering, EngineState.Running or EngineState.Hanging) => true,
                (EngineState.Hanging, EngineState.Recovering) => true,
                (not EngineState.Stopped and not EngineState.Draining, EngineState.Draining) => true,
                (not EngineState.Stopped, EngineState.Stopped) => true,
                _ => false,
            };
            if (!isWay) return false;
            if (_state == EngineState.Running) _troubledSince = time.GetTimestamp();
            _state = next;
            return true;
        }
    }
}
