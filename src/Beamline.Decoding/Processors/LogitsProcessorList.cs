using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>The processors that a request asks for, in the reference's order.</summary>
/// <remarks>
/// OpenAI's penalties and bias, which the reference lacks, stand where it puts processors of its caller: behind its own and before the
/// warpers that shape the distribution for sampling.
/// </remarks>
public sealed class LogitsProcessorList : ILogitsProcessor
{
    private readonly ILogitsProcessor[] _processors;

    private LogitsProcessorList(ILogitsProcessor[] processors)
    {
        _processors = processors;
        Diversity = processors.OfType<HammingDiversityLogitsProcessor>().SingleOrDefault();
    }

    /// <inheritdoc/>
    public string Name => nameof(LogitsProcessorList);

    /// <summary>The reference's class names, in the order in which they run.</summary>
    public ImmutableArray<string> Names => [.. _processors.Select(processor => processor.Name)];

    /// <summary>The one that diverse beam search tells what its groups chose; null without groups.</summary>
    internal HammingDiversityLogitsProcessor? Diversity { get; }

    /// <summary>Builds the list; a parameter at its neutral value adds nothing.</summary>
    /// <param name="parameters">Checked parameters.</param>
    /// <param name="workspace">Scratch memory for rows of the model's vocabulary.</param>
    public static LogitsProcessorList Create(CheckedParameters parameters, DecodingWorkspace workspace)
    {
        List<ILogitsProcessor> list = [];
        AddPenalties(list, parameters, workspace);
        AddLengths(list, parameters);
        AddMasks(list, parameters);
        AddOpenAi(list, parameters, workspace);
        if (parameters.DoSample) AddWarpers(list, parameters, workspace);
        if (parameters.Values.RenormalizeLogits ?? false) list.Add(new LogitNormalization());
        return new([.. list]);
    }

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        foreach (ILogitsProcessor processor in _processors) processor.Process(history, scores);
    }

    private static void AddPenalties(List<ILogitsProcessor> list, CheckedParameters parameters, DecodingWorkspace workspace)
    {
        GenerationParameters values = parameters.Values;
        int prompt = parameters.PromptLength;
        if (values.SequenceBias is { IsDefaultOrEmpty: false } biases) list.Add(new SequenceBiasLogitsProcessor(biases));
        if (values.NumBeamGroups > 1) list.Add(new HammingDiversityLogitsProcessor(values.DiversityPenalty ?? 0, parameters.NumBeams));
        if (values.EncoderRepetitionPenalty is { } encoder and not 1)
        {
            list.Add(new EncoderRepetitionPenaltyLogitsProcessor(encoder, prompt, workspace));
        }
        if (values.RepetitionPenalty is { } repetition and not 1) list.Add(new RepetitionPenaltyLogitsProcessor(repetition, workspace));
        if (values.NoRepeatNgramSize is { } size and > 0) list.Add(new NoRepeatNGramLogitsProcessor(size));
        if (values.EncoderNoRepeatNgramSize is { } promptSize and > 0)
        {
            list.Add(new EncoderNoRepeatNGramLogitsProcessor(promptSize, prompt));
        }
        if (values.BadWordsIds is { IsDefaultOrEmpty: false } words)
        {
            list.Add(SequenceBiasLogitsProcessor.NoBadWords(words, parameters.StopIds));
        }
    }

    private static void AddLengths(List<ILogitsProcessor> list, CheckedParameters parameters)
    {
        if (parameters.StopIds.Length == 0) return;
        GenerationParameters values = parameters.Values;
        // As the reference, which turns min_new_tokens into a min_length and then applies both.
        int minLength = values.MinNewTokens is { } tokens ? parameters.PromptLength + tokens : values.MinLength ?? 0;
        if (minLength > 0) list.Add(new MinLengthLogitsProcessor(minLength, parameters.StopIds));
        if (values.MinNewTokens is { } minNew and > 0)
        {
            list.Add(new MinNewTokensLengthLogitsProcessor(minNew, parameters.PromptLength, parameters.StopIds));
        }
    }

    private static void AddMasks(List<ILogitsProcessor> list, CheckedParameters parameters)
    {
        GenerationParameters values = parameters.Values;
        int prompt = parameters.PromptLength;
        if (values.ForcedBosTokenId is { } bos) list.Add(new ForcedBOSTokenLogitsProcessor(bos));
        if (values.ForcedEosTokenId is { IsDefaultOrEmpty: false } eos)
        {
            list.Add(new ForcedEOSTokenLogitsProcessor(prompt + parameters.MaxNewTokens, eos));
        }
        if (values.RemoveInvalidValues ?? false) list.Add(new InfNanRemoveLogitsProcessor());
        if (values.ExponentialDecayLengthPenalty is { } decay)
        {
            list.Add(new ExponentialDecayLengthPenalty(decay, prompt, parameters.StopIds));
        }
        if (values.SuppressTokens is { IsDefault: false } suppressed) list.Add(new SuppressTokensLogitsProcessor(suppressed));
        if (values.BeginSuppressTokens is { IsDefault: false } begin)
        {
            // A forced first token takes the first position, so the first free one is the next.
            int first = prompt == 1 && values.ForcedBosTokenId is not null ? prompt + 1 : prompt;
            list.Add(new SuppressTokensAtBeginLogitsProcessor(begin, first));
        }
    }

    private static void AddOpenAi(List<ILogitsProcessor> list, CheckedParameters parameters, DecodingWorkspace workspace)
    {
        GenerationParameters values = parameters.Values;
        float presence = values.PresencePenalty ?? 0, frequency = values.FrequencyPenalty ?? 0;
        ImmutableDictionary<int, float> biases = values.LogitBias ?? ImmutableDictionary<int, float>.Empty;
        if (presence == 0 && frequency == 0 && biases.IsEmpty) return;
        list.Add(new OpenAiPenaltyLogitsProcessor(presence, frequency, biases, parameters.PromptLength, workspace));
    }

    private static void AddWarpers(List<ILogitsProcessor> list, CheckedParameters parameters, DecodingWorkspace workspace)
    {
        GenerationParameters values = parameters.Values;
        // Beams need as many ways on as candidates may end, and one more.
        int keep = parameters.NumBeams == 1 ? 1 : parameters.StopIds.Length == 0 ? 2 : 1 + parameters.StopIds.Length;
        if (values.Temperature is { } temperature and not 1) list.Add(new TemperatureLogitsWarper(temperature));
        if (values.TopH is { } topH) list.Add(new TopHLogitsWarper(topH, workspace));
        if ((values.TopK ?? ParameterDefaults.TopK) is var topK and not 0) list.Add(new TopKLogitsWarper(topK, keep, workspace));
        if (values.TopP is { } topP and < 1) list.Add(new TopPLogitsWarper(topP, keep, workspace));
        if (values.MinP is { } minP) list.Add(new MinPLogitsWarper(minP, keep, workspace));
        if (values.TypicalP is { } typicalP and < 1) list.Add(new TypicalLogitsWarper(typicalP, keep, workspace));
        if (values.EpsilonCutoff is { } epsilon and > 0) list.Add(new EpsilonLogitsWarper(epsilon, keep, workspace));
        if (values.EtaCutoff is { } eta and > 0) list.Add(new EtaLogitsWarper(eta, keep, workspace));
    }
}
