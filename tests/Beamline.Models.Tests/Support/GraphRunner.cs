using Beamline.Abstractions.Workers;
using Beamline.Models.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Models.Tests.Support;

/// <summary>Runs a decoder graph as an engine does: past and present are one buffer, a batch is the first rows of it.</summary>
public sealed class GraphRunner : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly ModelDescription _model;
    private readonly float[][] _kv;

    public GraphRunner(string graphPath, ModelDescription model, int rows = 1, int threads = 1)
    {
        _model = model;
        using SessionOptions options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        _session = new InferenceSession(graphPath, options);
        Lengths = new int[rows];
        _kv =
        [
            .. Enumerable.Range(0, 2 * model.Kv.Layers.Length)
                .Select(i => new float[rows * model.Kv.Layers[i / 2].Heads * model.ContextLength * model.Kv.Layers[i / 2].HeadSize]),
        ];
    }

    /// <summary>Tokens that each row holds.</summary>
    public int[] Lengths { get; }

    /// <summary>A first step of prompts that may differ in length, right-padded; logits of every real position, row after row.</summary>
    public float[][] Prefill(params int[][] prompts)
    {
        int tokens = prompts.Max(prompt => prompt.Length);
        long[] ids = new long[prompts.Length * tokens], positions = new long[ids.Length];
        List<long> wanted = [];
        for (int row = 0; row < prompts.Length; row++)
        {
            for (int at = 0; at < prompts[row].Length; at++)
            {
                ids[(row * tokens) + at] = prompts[row][at];
                positions[(row * tokens) + at] = at;
                wanted.Add((row * tokens) + at);
            }
            Lengths[row] = prompts[row].Length;
        }
        return Run(prompts.Length, tokens, ids, positions, tokens, [.. wanted]);
    }

    /// <summary>Continues the only row by several tokens; logits of each.</summary>
    public float[][] Continue(int[] chunk)
    {
        long[] positions = Count(Lengths[0], chunk.Length);
        Lengths[0] += chunk.Length;
        return Run(1, chunk.Length, [.. chunk.Select(id => (long)id)], positions, Lengths[0], Count(0, chunk.Length));
    }

    /// <summary>One token for each of the first rows.</summary>
    public float[][] Decode(params int[] next)
    {
        long[] positions = [.. Lengths.Take(next.Length).Select(length => (long)length)];
        for (int row = 0; row < next.Length; row++) Lengths[row]++;
        int total = Lengths.Take(next.Length).Max();
        return Run(next.Length, 1, [.. next.Select(id => (long)id)], positions, total, Count(0, next.Length));
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private float[][] Run(int rows, int tokens, long[] ids, long[] positions, int total, long[] wanted)
    {
        int[] last = [.. Lengths.Take(rows).Select(length => length - 1)];
        float[] logits = new float[wanted.Length * _model.VocabularySize];
        List<(string Name, OrtValue Value)> inputs = [], outputs = [];
        outputs.Add((GraphNames.Logits, Tensor(logits, wanted.Length, _model.VocabularySize)));
        inputs.Add((GraphNames.InputIds, Tensor(ids, rows, tokens)));
        inputs.Add((GraphNames.PositionIds, Tensor(positions, rows, tokens)));
        inputs.Add((GraphNames.LastPositions, Tensor(last, rows)));
        inputs.Add((GraphNames.TotalLength, Tensor(new[] { total })));
        inputs.Add((GraphNames.LogitsIndex, Tensor(wanted, wanted.Length)));
        for (int layer = 0; layer < _model.Kv.Layers.Length; layer++)
        {
            OrtValue key = Kv(rows, 2 * layer), value = Kv(rows, (2 * layer) + 1);
            inputs.AddRange([(GraphNames.PastKey(layer), key), (GraphNames.PastValue(layer), value)]);
            outputs.AddRange([(GraphNames.PresentKey(layer), key), (GraphNames.PresentValue(layer), value)]);
        }
        _session.Run(
            _options,
            [.. inputs.Select(input => input.Name)],
            [.. inputs.Select(input => input.Value)],
            [.. outputs.Select(output => output.Name)],
            [.. outputs.Select(output => output.Value)]);
        foreach ((_, OrtValue value) in inputs.Concat(outputs)) value.Dispose();
        return [.. logits.Chunk(_model.VocabularySize)];
    }

    private OrtValue Kv(int rows, int index)
    {
        KvLayer layer = _model.Kv.Layers[index / 2];
        long[] shape = [rows, layer.Heads, _model.ContextLength, layer.HeadSize];
        Memory<float> firstRows = _kv[index].AsMemory(0, (int)(shape[0] * shape[1] * shape[2] * shape[3]));
        return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, firstRows, shape);
    }

    private static OrtValue Tensor<T>(T[] values, params long[] shape) where T : unmanaged =>
        OrtValue.CreateTensorValueFromMemory(values, shape);

    private static long[] Count(int from, int count) => [.. Enumerable.Range(from, count).Select(at => (long)at)];
}
