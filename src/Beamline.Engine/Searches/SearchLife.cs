namespace Beamline.Engine.Searches;

/// <summary>Where a search is in its life inside an engine. <see cref="EngineSearch.Enter"/> owns the transitions.</summary>
internal enum SearchLife
{
    /// <summary>In the line; it has not begun here.</summary>
    Waiting,

    /// <summary>Its prompt is being computed.</summary>
    Prefilling,

    /// <summary>Its rows decode.</summary>
    Decoding,

    /// <summary>It gave its rows back and is in the line again, to go on where it was.</summary>
    Preempted,

    /// <summary>How it ends is decided; it leaves at the end of the step, and its rows with it.</summary>
    Ending,

    /// <summary>It has left.</summary>
    Ended,
}
