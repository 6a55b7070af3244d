namespace Beamline.Engine.Planning;

/// <summary>What one engine has for one step.</summary>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="Blocks">Blocks of KV.</param>
/// <param name="PrefillTokens">Prompt tokens the step may compute; 2 or more.</param>
public readonly record struct PlannerLimits(int Rows, int Blocks, int PrefillTokens);
