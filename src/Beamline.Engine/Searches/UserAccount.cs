namespace Beamline.Engine.Searches;

/// <summary>What one user waits for and has had, within one priority. Owned by the engine thread.</summary>
internal sealed class UserAccount
{
    /// <summary>Its waiting searches, first to start first.</summary>
    public LinkedList<EngineSearch> Waiting { get; } = new();

    /// <summary>Its searches that hold rows.</summary>
    public int Running { get; set; }

    /// <summary>
    /// Tokens it has been served, beginning with what the least served user had when this one came. A search that runs counts with all
    /// that it may still take.
    /// </summary>
    public long Service { get; set; }

    /// <summary>The part of <see cref="Service"/> that running searches may still take.</summary>
    public long Promised { get; set; }

    /// <summary>When it was last served, counted in turns; 0 when it never was.</summary>
    public long LastTurn { get; set; }

    /// <summary>Whether it waits or runs.</summary>
    public bool IsActive => Running > 0 || Waiting.Count > 0;
}
