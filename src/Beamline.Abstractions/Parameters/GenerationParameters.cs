using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>
/// How to generate: the arguments of transformers' <c>generate</c> under its names, and those of OpenAI's API that it lacks.
/// </summary>
/// <remarks>
/// Null means "not given" everywhere; the neutral value is what a null stands for. In JSON the names are those of the reference
/// (<c>max_new_tokens</c>, <c>top_k</c>, ...). Nothing here has been checked: <see cref="CheckedParameters"/> is the checked form.
/// </remarks>
[GenerateSerializer, Immutable, Alias("Beamline.GenerationParameters")]
public sealed record GenerationParameters
{
    /// <summary>Tokens to generate at most; 1 or more. Null: <see cref="MaxLength"/> if given, else what the context leaves.</summary>
    [Id(0)] public int? MaxNewTokens { get; init; }

    /// <summary>
    /// Prompt and generated tokens at most; above the prompt's length. <see cref="MaxNewTokens"/> wins when both are given.
    /// </summary>
    [Id(1)] public int? MaxLength { get; init; }

    /// <summary>Generated tokens before a stop id may come; 0 or more; neutral 0.</summary>
    [Id(2)] public int? MinNewTokens { get; init; }

    /// <summary>Prompt and generated tokens before a stop id may come; 0 or more; neutral 0.</summary>
    [Id(3)] public int? MinLength { get; init; }

    /// <summary>Draw tokens by their probability instead of taking the likeliest; neutral false.</summary>
    [Id(4)] public bool? DoSample { get; init; }

    /// <summary>Seed of the random numbers. Null: derived from the request id, so a run repeats itself but two runs differ.</summary>
    [Id(5)] public long? Seed { get; init; }

    /// <summary>Divides the logits before drawing; above 0; neutral 1. Sampling only.</summary>
    [Id(6)] public float? Temperature { get; init; }

    /// <summary>Draw among the k likeliest tokens; 0 turns it off. Null: 50, the reference's default. Sampling only.</summary>
    [Id(7)] public int? TopK { get; init; }

    /// <summary>Draw among the likeliest tokens that together have this probability; 0 to 1; neutral 1. Sampling only.</summary>
    [Id(8)] public float? TopP { get; init; }

    /// <summary>Draw among tokens at least this fraction as likely as the likeliest; 0 to 1; null is off. Sampling only.</summary>
    [Id(9)] public float? MinP { get; init; }

    /// <summary>Locally typical sampling: probability mass to keep; above 0, at most 1; neutral 1. Sampling only.</summary>
    [Id(10)] public float? TypicalP { get; init; }

    /// <summary>Drop tokens less likely than this; 0 to 1, both excluded when on; neutral 0. Sampling only.</summary>
    [Id(11)] public float? EpsilonCutoff { get; init; }

    /// <summary>Entropy-dependent cut-off of eta sampling; 0 to 1; neutral 0. Sampling only.</summary>
    [Id(12)] public float? EtaCutoff { get; init; }

    /// <summary>Top-H sampling: fraction of the entropy to keep; above 0, at most 1; null is off. Sampling only.</summary>
    [Id(13)] public float? TopH { get; init; }

    /// <summary>Above 1 makes tokens of prompt and output less likely; above 0; neutral 1.</summary>
    [Id(14)] public float? RepetitionPenalty { get; init; }

    /// <summary>Above 1 makes tokens of the prompt likelier; above 0; neutral 1.</summary>
    [Id(15)] public float? EncoderRepetitionPenalty { get; init; }

    /// <summary>No n-gram of this size occurs twice; 0 or more; neutral 0.</summary>
    [Id(16)] public int? NoRepeatNgramSize { get; init; }

    /// <summary>No n-gram of this size from the prompt occurs in the output; 0 or more; neutral 0.</summary>
    [Id(17)] public int? EncoderNoRepeatNgramSize { get; init; }

    /// <summary>Sequences that never occur; each a non-empty list of ids.</summary>
    [Id(18)] public ImmutableArray<ImmutableArray<int>>? BadWordsIds { get; init; }

    /// <summary>Biases on sequences.</summary>
    [Id(19)] public ImmutableArray<SequenceBias>? SequenceBias { get; init; }

    /// <summary>The id that comes first when the history has length 1; null is off.</summary>
    [Id(20)] public int? ForcedBosTokenId { get; init; }

    /// <summary>The ids one of which comes last when the length limit is reached; null is off. JSON takes one id or a list.</summary>
    [Id(21), JsonConverter(typeof(IdListConverter))] public ImmutableArray<int>? ForcedEosTokenId { get; init; }

    /// <summary>Ids that never occur.</summary>
    [Id(22)] public ImmutableArray<int>? SuppressTokens { get; init; }

    /// <summary>Ids that do not come first.</summary>
    [Id(23)] public ImmutableArray<int>? BeginSuppressTokens { get; init; }

    /// <summary>Makes stop ids likelier from a position on; null is off.</summary>
    [Id(24)] public ExponentialDecay? ExponentialDecayLengthPenalty { get; init; }

    /// <summary>Normalise the scores again after the processors; neutral false.</summary>
    [Id(25)] public bool? RenormalizeLogits { get; init; }

    /// <summary>Replace not-a-number and infinite scores; neutral false.</summary>
    [Id(26)] public bool? RemoveInvalidValues { get; init; }

    /// <summary>Hypotheses a beam search keeps; 1 or more; neutral 1, which is no beam search.</summary>
    [Id(27)] public int? NumBeams { get; init; }

    /// <summary>Sequences returned for a prompt; 1 or more, and at most <see cref="NumBeams"/> in a beam search; neutral 1.</summary>
    [Id(28)] public int? NumReturnSequences { get; init; }

    /// <summary>
    /// Exponent of the length by which a finished hypothesis' score is divided; above 0 favours long ones; neutral 1. Beam search only.
    /// </summary>
    [Id(29)] public float? LengthPenalty { get; init; }

    /// <summary>When a beam search may end; neutral <see cref="EarlyStopping.False"/>. Beam search only.</summary>
    [Id(30)] public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Groups of diverse beam search; divides <see cref="NumBeams"/>; neutral 1.</summary>
    [Id(31)] public int? NumBeamGroups { get; init; }

    /// <summary>
    /// How much a token loses for each beam of an earlier group that chose it; 0 or more; neutral 0. Needs <see cref="NumBeamGroups"/>
    /// above 1.
    /// </summary>
    [Id(32)] public float? DiversityPenalty { get; init; }

    /// <summary>Ids that end a sequence. Null: the model's; an empty list: none. JSON takes one id or a list.</summary>
    [Id(33), JsonConverter(typeof(IdListConverter))] public ImmutableArray<int>? EosTokenId { get; init; }

    /// <summary>Texts that end a sequence; none of them empty. The returned text ends before the first.</summary>
    [Id(34)] public ImmutableArray<string>? StopStrings { get; init; }

    /// <summary>OpenAI: subtracted once from the score of each token generated so far; -2 to 2; neutral 0.</summary>
    [Id(35)] public float? PresencePenalty { get; init; }

    /// <summary>OpenAI: subtracted from a token's score for each time it was generated; -2 to 2; neutral 0.</summary>
    [Id(36)] public float? FrequencyPenalty { get; init; }

    /// <summary>OpenAI: added to the score of single ids; -100 to 100.</summary>
    [Id(37)] public ImmutableDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Report log-probabilities of the chosen token and of this many of the likeliest; 0 to 20; null is off.</summary>
    [Id(38)] public int? Logprobs { get; init; }
}
