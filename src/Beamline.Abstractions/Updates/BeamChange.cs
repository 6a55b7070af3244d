namespace Beamline.Abstractions.Updates;

/// <summary>A hypothesis as a step left it. A parent with several children forked; one with none was pruned.</summary>
/// <param name="Parent">Its place among the hypotheses of the step before.</param>
/// <param name="Token">The token appended.</param>
/// <param name="Text">The token's own text, for display.</param>
/// <param name="Score">Live: the running sum of log-probabilities. Finished: the final score.</param>
/// <param name="Group">The group in diverse beam search; 0 otherwise.</param>
[GenerateSerializer, Immutable, Alias("Beamline.BeamChange")]
public readonly record struct BeamChange(
    [property: Id(0)] int Parent,
    [property: Id(1)] int Token,
    [property: Id(2)] string Text,
    [property: Id(3)] float Score,
    [property: Id(4)] int Group);
