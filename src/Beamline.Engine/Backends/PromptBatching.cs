namespace Beamline.Engine.Backends;

/// <summary>Which prompts one pass may compute side by side.</summary>
public enum PromptBatching
{
    /// <summary>None: one at a time.</summary>
    Alone,

    /// <summary>Those that begin at their first token; one that goes on behind positions that are there takes a pass of its own.</summary>
    FromStart,

    /// <summary>Any, each behind what is there of it.</summary>
    Anywhere,
}
