namespace Beamline.Abstractions.Searches;

/// <summary>One thing that a step of a search did. A struct, so that a token costs no allocation.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Reason">Why it ended; <see cref="SearchEndReason.None"/> for a live one.</param>
/// <param name="Step">The step, from 1: the number of generated tokens after it.</param>
/// <param name="Branch">Independent samples: the sample's number. Beam search: the group.</param>
/// <param name="Parent">The place among the live hypotheses of the step before (0 in the first step).</param>
/// <param name="Token">The token appended; -1 when a deadline ended the hypothesis without one.</param>
/// <param name="Score">Live: the running sum (0 without beams). Finished: the final score (0 without beams).</param>
[GenerateSerializer, Immutable, Alias("Beamline.SearchEvent")]
public readonly record struct SearchEvent(
    [property: Id(0)] SearchEventKind Kind,
    [property: Id(1)] SearchEndReason Reason,
    [property: Id(2)] int Step,
    [property: Id(3)] int Branch,
    [property: Id(4)] int Parent,
    [property: Id(5)] int Token,
    [property: Id(6)] float Score);
