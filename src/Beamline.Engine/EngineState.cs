namespace Beamline.Engine;

/// <summary>Where an engine is in its life.</summary>
public enum EngineState
{
    /// <summary>Takes searches.</summary>
    Running,

    /// <summary>Takes no new searches; those it has end as retryable, or run to their end.</summary>
    Draining,

    /// <summary>Three forward passes in a row failed, the session could not be rebuilt, or a pass hangs. Takes no new searches.</summary>
    Unhealthy,

    /// <summary>Its thread has ended.</summary>
    Stopped,
}
