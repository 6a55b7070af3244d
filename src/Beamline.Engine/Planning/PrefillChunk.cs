namespace Beamline.Engine.Planning;

/// <summary>Some prompt tokens to compute in one forward pass.</summary>
/// <param name="Search">The search's place among the running ones once the plan's preemptions and admissions are done.</param>
/// <param name="Tokens">How many of those that no cache holds; 2 or more.</param>
public readonly record struct PrefillChunk(int Search, int Tokens);
