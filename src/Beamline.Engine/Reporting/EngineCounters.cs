namespace Beamline.Engine.Reporting;

/// <summary>Sums over an engine's life.</summary>
/// <param name="Passes">Forward passes.</param>
/// <param name="GeneratedTokens">Tokens that searches appended to hypotheses.</param>
/// <param name="PrefilledTokens">Prompt tokens computed.</param>
/// <param name="CachedTokens">Prompt tokens taken from the prefix cache.</param>
/// <param name="ReplayedTokens">Tokens fed again after a preemption or a move.</param>
/// <param name="CopiedPositions">KV positions copied by forks, moves and the prefix cache.</param>
/// <param name="Preemptions">Searches that gave their rows back.</param>
/// <param name="FailedPasses">Forward passes that failed.</param>
/// <param name="Recoveries">How often the model was put onto the device again after trouble.</param>
public readonly record struct EngineCounters(
    long Passes,
    long GeneratedTokens,
    long PrefilledTokens,
    long CachedTokens,
    long ReplayedTokens,
    long CopiedPositions,
    long Preemptions,
    long FailedPasses,
    long Recoveries)
{
    /// <summary>The sums of two parts of a life.</summary>
    public static EngineCounters operator +(EngineCounters one, EngineCounters other) => new(
        one.Passes + other.Passes,
        one.GeneratedTokens + other.GeneratedTokens,
        one.PrefilledTokens + other.PrefilledTokens,
        one.CachedTokens + other.CachedTokens,
        one.ReplayedTokens + other.ReplayedTokens,
        one.CopiedPositions + other.CopiedPositions,
        one.Preemptions + other.Preemptions,
        one.FailedPasses + other.FailedPasses,
        one.Recoveries + other.Recoveries);
}
