using System.Collections.Immutable;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;

namespace Beamline.Abstractions.Updates;

/// <summary>Everything a run produced.</summary>
/// <param name="Id">The run.</param>
/// <param name="Model">The model that generated, by its name.</param>
/// <param name="Hypotheses">By prompt; for each prompt beams best first, samples by number.</param>
/// <param name="Usage">Tokens, counted.</param>
/// <param name="Warnings">Parameters that had no effect, one line each.</param>
/// <param name="Seed">The seed that was used.</param>
[GenerateSerializer, Immutable, Alias("Beamline.GenerationResult")]
public sealed record GenerationResult(
    [property: Id(0)] RequestId Id,
    [property: Id(1)] string Model,
    [property: Id(2)] ImmutableArray<Hypothesis> Hypotheses,
    [property: Id(3)] Usage Usage,
    [property: Id(4)] ImmutableArray<string> Warnings,
    [property: Id(5)] ulong Seed);

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

/// <summary>Tokens of a run.</summary>
/// <param name="PromptTokens">Tokens of all prompts.</param>
/// <param name="GeneratedTokens">Tokens of all returned sequences.</param>
/// <param name="CachedTokens">Prompt tokens whose computation was saved by the prefix cache.</param>
[GenerateSerializer, Immutable, Alias("Beamline.Usage")]
public sealed record Usage([property: Id(0)] int PromptTokens, [property: Id(1)] int GeneratedTokens, [property: Id(2)] int CachedTokens);
