namespace Beamline.Abstractions.Updates;

/// <summary>Where a run is.</summary>
public enum RunState
{
    /// <summary>Never started here, or forgotten.</summary>
    Unknown,

    /// <summary>Started; not ended.</summary>
    Running,

    /// <summary>Ended with a result.</summary>
    Completed,

    /// <summary>Ended with an error.</summary>
    Failed,
}
