namespace Beamline.Engine.Reporting;

/// <summary>Where an engine is in its life. One class owns the transitions: <c>EngineLifecycle</c>.</summary>
public enum EngineState
{
    /// <summary>Takes searches.</summary>
    Running,

    /// <summary>
    /// Passes fail, or it could not be opened again: takes no searches, what it had ended as retryable. It tries again with growing pauses.
    /// </summary>
    Recovering,

    /// <summary>A pass does not come back. Takes no searches, what it had ended as retryable. When it comes back, it recovers.</summary>
    Hanging,

    /// <summary>Takes no new searches; those it has end as retryable, or run to their end.</summary>
    Draining,

    /// <summary>Its thread has ended.</summary>
    Stopped,
}
