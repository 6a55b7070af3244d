using Beamline.Abstractions.Requests;

namespace Beamline.Engine.Planning;

/// <summary>What the planner needs to know of one search.</summary>
/// <param name="Priority">Who goes first.</param>
/// <param name="Rows">Rows it holds, or will hold, at most.</param>
/// <param name="Blocks">Blocks of KV it needs for its next step, at most; it grows while it decodes.</param>
/// <param name="PromptLeft">Prompt tokens still to compute, those at hand in a cache left out; 0 when its rows decode.</param>
/// <param name="InOnePiece">Whether its prompt has to be computed at once.</param>
public readonly record struct PlannedSearch(RequestPriority Priority, int Rows, long Blocks, int PromptLeft, bool InOnePiece = false);
