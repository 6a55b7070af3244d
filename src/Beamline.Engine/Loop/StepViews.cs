using Beamline.Engine.Batching;
using Beamline.Engine.Configuration;
using Beamline.Engine.Invariants;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Loop;

/// <summary>Shows an engine between two steps as data.</summary>
internal static class StepViews
{
    /// <summary>An engine as it stands.</summary>
    public static StepView Of(Batch batch, Roster roster, EngineOptions options) => new(
        batch.Kv.Blocks,
        batch.Kv.UsedBlocks,
        batch.Kv.BlockBytes,
        batch.Kv.ResidentBytes,
        options.Rows,
        batch.OpenRows,
        options.PrefixCacheBytes,
        batch.PrefixBytes,
        [.. roster.Running.Select(search => ViewOf(batch, search))],
        [.. roster.Line.All().Select(search => ViewOf(batch, search))],
        roster.Count);

    private static SearchView ViewOf(Batch batch, EngineSearch search) => new(
        search.Ticket.Id,
        search.Life,
        search.Ticket.Rows,
        search.RowsHeld,
        search.Search?.LiveCount ?? 0,
        search.KnownTokens,
        batch.CostOf(search),
        search.PromptSequence,
        search.PromptDone,
        search.PromptSequence < 0 ? 0 : batch.Kv.Length(search.PromptSequence),
        [.. search.Rows.Take(search.RowCount).Select(row => new RowView(row.Sequence, row.KnownCount, batch.Kv.Length(row.Sequence)))]);
}
