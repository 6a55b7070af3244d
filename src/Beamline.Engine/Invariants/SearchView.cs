using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Invariants;

/// <summary>A search between two steps, as data.</summary>
/// <param name="Id">The search.</param>
/// <param name="Life">Where it is in its life.</param>
/// <param name="MostRows">Rows it asked for.</param>
/// <param name="RowsHeld">Rows it may still come to need.</param>
/// <param name="Live">Its live hypotheses.</param>
/// <param name="Known">Tokens that each of them knows.</param>
/// <param name="Cost">Blocks that it may hold.</param>
/// <param name="PromptSequence">The sequence of its prompt; -1 for none.</param>
/// <param name="PromptDone">Prompt positions computed.</param>
/// <param name="PromptLength">Positions that the prompt's sequence holds.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record SearchView(
    SearchId Id,
    SearchLife Life,
    int MostRows,
    int RowsHeld,
    int Live,
    int Known,
    int Cost,
    int PromptSequence,
    int PromptDone,
    int PromptLength,
    ImmutableArray<RowView> Rows);
