using System.Collections.Immutable;

namespace Beamline.Engine.Reporting;

/// <summary>How busy an engine is and what it has done: a snapshot, a few steps old at most.</summary>
/// <param name="FreeRows">Rows that no search holds.</param>
/// <param name="QueuedSearches">Searches that wait for rows.</param>
/// <param name="QueuedTokens">Their prompt tokens and tokens to generate, at most.</param>
/// <param name="KvUsedBytes">KV that running searches hold.</param>
/// <param name="KvResidentBytes">Memory that KV takes now, whether or not a search holds it; at most the budget.</param>
/// <param name="PrefixBytes">Memory that the cache of prompts takes now.</param>
/// <param name="TokensPerSecond">Generated tokens a second, over the last second or so of work.</param>
/// <param name="ReceivedRows">Rows of all searches that had come by then; one that came later is not in these figures.</param>
/// <param name="Prefixes">Fingerprints of prompt beginnings whose KV is at hand; see <see cref="Prefixes.PrefixFingerprint"/>.</param>
/// <param name="Counters">Sums over the engine's life.</param>
public sealed record EngineLoad(
    int FreeRows,
    int QueuedSearches,
    long QueuedTokens,
    long KvUsedBytes,
    long KvResidentBytes,
    long PrefixBytes,
    double TokensPerSecond,
    long ReceivedRows,
    ImmutableArray<ulong> Prefixes,
    EngineCounters Counters);
