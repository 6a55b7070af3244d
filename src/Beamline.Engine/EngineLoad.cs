namespace Beamline.Engine;

/// <summary>How busy an engine is and what it has done: a snapshot, a few steps old at most.</summary>
/// <param name="FreeRows">Rows that no search holds.</param>
/// <param name="QueuedSearches">Searches that wait for rows.</param>
/// <param name="QueuedTokens">Their prompt tokens and tokens to generate, at most.</param>
/// <param name="KvUsedBytes">KV reserved by running searches.</param>
/// <param name="TokensPerSecond">Generated tokens a second, over the last second or so of work.</param>
/// <param name="Counters">Sums over the engine's life.</param>
public sealed record EngineLoad(
    int FreeRows,
    int QueuedSearches,
    long QueuedTokens,
    long KvUsedBytes,
    double TokensPerSecond,
    EngineCounters Counters);

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
