namespace Beamline.Engine.Invariants;

/// <summary>A row between two steps.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Known">Tokens it knows.</param>
/// <param name="Length">Positions whose KV is there.</param>
internal readonly record struct RowView(int Sequence, int Known, int Length);
