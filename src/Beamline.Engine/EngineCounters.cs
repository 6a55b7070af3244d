namespace Beamline.Engine;

/// <summary>Sums over an engine's life.</summary>
/// <param name="Steps">Steps taken.</param>
/// <param name="GeneratedTokens">Tokens that searches appended to hypotheses.</param>
/// <param name="PrefilledTokens">Prompt tokens computed.</param>
/// <param name="CachedTokens">Prompt tokens taken from the prefix cache.</param>
/// <param name="ReplayedTokens">Tokens fed again after a preemption or a move.</param>
/// <param name="CopiedPositions">KV positions copied by forks, compaction and the prefix cache.</param>
/// <param name="Preemptions">Searches that gave their rows back.</param>
/// <param name="FailedPasses">Forward passes that failed.</param>
public readonly record struct EngineCounters(
    long Steps,
    long GeneratedTokens,
    long PrefilledTokens,
    long CachedTokens,
    long ReplayedTokens,
    long CopiedPositions,
    long Preemptions,
    long FailedPasses);
