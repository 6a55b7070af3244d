using System.Collections.Immutable;

namespace Beamline.Abstractions.Searches;

/// <summary>A sequence that goes on.</summary>
/// <param name="Branch">For independent samples the number of the sample; for beams the group it belongs to.</param>
/// <param name="Ids">Generated ids so far, without the prompt.</param>
/// <param name="Score">Beam search: the running sum of processed log-probabilities; 0 without beams.</param>
/// <param name="Logprobs">One entry an id when log-probabilities were asked for, else empty.</param>
[GenerateSerializer, Immutable, Alias("Beamline.LiveHypothesis")]
public sealed record LiveHypothesis(
    [property: Id(0)] int Branch,
    [property: Id(1)] ImmutableArray<int> Ids,
    [property: Id(2)] float Score,
    [property: Id(3)] ImmutableArray<TokenLogprobs> Logprobs);
