using System.Collections.Immutable;

namespace Beamline.Abstractions.Searches;

/// <summary>A sequence that has ended.</summary>
/// <param name="Branch">For independent samples the number of the sample; for beams the group it comes from.</param>
/// <param name="Ids">Generated ids without the prompt, the stop id included.</param>
/// <param name="Score">Beam search: sum of processed log-probabilities / length ^ length_penalty; null without beams.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Logprobs">One entry an id when log-probabilities were asked for, else empty.</param>
[GenerateSerializer, Immutable, Alias("Beamline.FinishedHypothesis")]
public sealed record FinishedHypothesis(
    [property: Id(0)] int Branch,
    [property: Id(1)] ImmutableArray<int> Ids,
    [property: Id(2)] float? Score,
    [property: Id(3)] FinishReason Reason,
    [property: Id(4)] ImmutableArray<TokenLogprobs> Logprobs);
