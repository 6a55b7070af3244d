using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Processors;

/// <summary>The processors that a request asks for, in the reference's order.</summary>
public sealed class LogitsProcessorList : ILogitsProcessor
{
    private readonly ILogitsProcessor[] _processors;

    private LogitsProcessorList(ILogitsProcessor[] processors) => _processors = processors;

    /// <inheritdoc/>
    public string Name => nameof(LogitsProcessorList);

    /// <summary>The reference's class names, in the order in which they run.</summary>
    public ImmutableArray<string> Names => [.. _processors.Select(processor => processor.Name)];

    /// <summary>Number of processors; 0 leaves every row as it is.</summary>
    public int Count => _processors.Length;

    /// <summary>Builds the list; a parameter at its neutral value adds nothing.</summary>
    /// <param name="parameters">Checked parameters.</param>
    /// <param name="workspace">Scratch memory for rows of the model's vocabulary.</param>
    public static LogitsProcessorList Create(CheckedParameters parameters, DecodingWorkspace workspace)
    {
        List<ILogitsProcessor> list = [];
        if (parameters.DoSample) AddWarpers(list, parameters, workspace);
        return new([.. list]);
    }

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        foreach (ILogitsProcessor processor in _processors) processor.Process(history, scores);
    }

    private static void AddWarpers(List<ILogitsProcessor> list, CheckedParameters parameters, DecodingWorkspace workspace)
    {
        GenerationParameters values = parameters.Values;
        // Beams need as many ways on as candidates may end, and one more.
        int keep = parameters.NumBeams == 1 ? 1 : parameters.StopIds.Length == 0 ? 2 : 1 + parameters.StopIds.Length;
        if (values.Temperature is { } temperature and not 1) list.Add(new TemperatureLogitsWarper(temperature));
        if ((values.TopK ?? ParameterDefaults.TopK) is var topK and not 0) list.Add(new TopKLogitsWarper(topK, keep, workspace));
        if (values.TopP is { } topP and < 1) list.Add(new TopPLogitsWarper(topP, keep, workspace));
    }
}
