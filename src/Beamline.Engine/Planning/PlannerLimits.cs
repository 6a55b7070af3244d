namespace Beamline.Engine.Planning;

/// <summary>What one engine has.</summary>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="KvBytes">Bytes of KV that may be reserved.</param>
/// <param name="PrefillTokens">Prompt tokens a step may prefill; 2 or more.</param>
public readonly record struct PlannerLimits(int Rows, long KvBytes, int PrefillTokens);
