using System.Collections.Immutable;
using Beamline.Abstractions.Searches;

namespace Beamline.Abstractions.Updates;

/// <summary>One returned sequence.</summary>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Index">Its place among the sequences of that prompt, best first.</param>
/// <param name="Text">Decoded without special tokens, cut before the first stop string.</param>
/// <param name="Ids">Generated ids without the prompt, the stop id included.</param>
/// <param name="Score">Beam search: the sequence score; null otherwise.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Logprobs">One entry an id when asked for, else empty.</param>
[GenerateSerializer, Immutable, Alias("Beamline.Hypothesis")]
public sealed record Hypothesis(
    [property: Id(0)] int Prompt,
    [property: Id(1)] int Index,
    [property: Id(2)] string Text,
    [property: Id(3)] ImmutableArray<int> Ids,
    [property: Id(4)] float? Score,
    [property: Id(5)] FinishReason Reason,
    [property: Id(6)] ImmutableArray<TokenLogprobs> Logprobs);
