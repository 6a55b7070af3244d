using System.Collections.Immutable;

namespace Beamline.Engine.Invariants;

/// <summary>An engine between two steps, as data.</summary>
/// <param name="Blocks">Blocks of KV there are.</param>
/// <param name="UsedBlocks">Blocks that sequences hold.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="ResidentBytes">Memory that KV takes.</param>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="OpenRows">Rows that searches have.</param>
/// <param name="PrefixLimit">Memory that the cache of prefixes may take.</param>
/// <param name="PrefixBytes">Memory that it takes.</param>
/// <param name="Running">The searches that run.</param>
/// <param name="Waiting">The searches in the line.</param>
/// <param name="Here">Searches that have not ended.</param>
internal sealed record StepView(
    int Blocks,
    int UsedBlocks,
    long BlockBytes,
    long ResidentBytes,
    int Rows,
    int OpenRows,
    long PrefixLimit,
    long PrefixBytes,
    ImmutableArray<SearchView> Running,
    ImmutableArray<SearchView> Waiting,
    int Here);
