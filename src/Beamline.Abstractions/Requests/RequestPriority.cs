namespace Beamline.Abstractions.Requests;

/// <summary>Who goes first when rows are short.</summary>
public enum RequestPriority
{
    /// <summary>Someone waits for it. Admitted first; takes rows from batch work when there are none left.</summary>
    Interactive,

    /// <summary>Work that may wait; may be put back and continued later with the same result.</summary>
    Batch,
}
