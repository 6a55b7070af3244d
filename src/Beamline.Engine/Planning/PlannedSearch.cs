using Beamline.Abstractions.Requests;

namespace Beamline.Engine.Planning;

/// <summary>What the planner needs to know of one search.</summary>
/// <param name="Priority">Who goes first.</param>
/// <param name="Rows">Rows it holds, or will hold, at most.</param>
/// <param name="KvBytes">KV it holds, or will hold, at most.</param>
/// <param name="PromptLeft">Prompt tokens still to prefill; 0 when its rows decode.</param>
public readonly record struct PlannedSearch(RequestPriority Priority, int Rows, long KvBytes, int PromptLeft);
