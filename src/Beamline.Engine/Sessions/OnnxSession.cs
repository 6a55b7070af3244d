using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Beamline.Engine.Memory;
using Beamline.Models.Graphs;

namespace Beamline.Engine.Sessions;

/// <summary>
/// Forward passes on ONNX Runtime. Inputs, logits and KV are bound once for each batch size and changed in place, so a decode step
/// allocates nothing; past and present are the same memory.
/// </summary>
public sealed class OnnxSession : IModelSession
{
    private readonly InferenceSession _session;
    private readonly bool _ownsSession;
    private readonly RunOptions _runOptions = new();
    private readonly KvPool _pool;
    private readonly ForwardBuffers _buffers;
    private readonly bool _takesPositions;
    private readonly Bound?[] _decode;
    private readonly Bound?[] _prefill;

    internal OnnxSession(InferenceSession session, KvPool pool, ForwardBuffers buffers, bool ownsSession = true)
    {
        _session = session;
        _ownsSession = ownsSession;
        _pool = pool;
        _buffers = buffers;
        _takesPositions = session.InputMetadata.ContainsKey(GraphNames.PositionIds);
        _decode = new Bound?[pool.Rows + 1];
        _prefill = new Bound?[pool.Rows];
    }

    /// <summary>Another cache and other buffers over the same weights in memory; to be disposed before this session.</summary>
    /// <param name="pool">KV of the model's sizes.</param>
    /// <param name="buffers">Inputs and logits.</param>
    public OnnxSession Share(KvPool pool, ForwardBuffers buffers) => new(_session, pool, buffers, ownsSession: false);

    /// <inheritdoc/>
    public void Run(in ForwardShape shape)
    {
        if (shape.Tokens == 1 && shape.FirstRow == 0 && shape.Logits == shape.Rows)
        {
            Bound bound = _decode[shape.Rows] ??= Bind(shape);
            _session.RunWithBinding(_runOptions, bound.Binding);
            return;
        }
        if (shape.Rows > 1)
        {
            using Bound together = Bind(shape);
            _session.RunWithBinding(_runOptions, together.Binding);
            return;
        }
        // A prompt chunk's length differs from pass to pass: the KV of its row stays bound, the rest is bound anew.
        Bound prompt = _prefill[shape.FirstRow] ??= Bind(shape);
        if (prompt.Shape != shape)
        {
            prompt.Rebind(this, shape);
        }
        _session.RunWithBinding(_runOptions, prompt.Binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Bound? bound in _decode) bound?.Dispose();
        foreach (Bound? bound in _prefill) bound?.Dispose();
        _runOptions.Dispose();
        if (_ownsSession) _session.Dispose();
    }

    private Bound Bind(in ForwardShape shape)
    {
        Bound bound = new(_session.CreateIoBinding());
        bound.BindKv(this, shape);
        bound.Rebind(this, shape);
        return bound;
    }

    private static unsafe OrtValue Over<T>(T[] pinned, TensorElementType type, params long[] shape) where T : unmanaged
    {
        long count = 1;
        foreach (long size in shape) count *= size;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, pinned.Length);
        fixed (T* first = pinned)
        {
            return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, (nint)first, count * sizeof(T));
        }
    }

    /// <summary>A binding with the values it refers to.</summary>
    private sealed class Bound(OrtIoBinding binding) : IDisposable
    {
        private readonly List<OrtValue> _kv = [];
        private readonly List<OrtValue> _inputs = [];

        public OrtIoBinding Binding { get; } = binding;

        public ForwardShape Shape { get; private set; }

        public void BindKv(OnnxSession owner, in ForwardShape shape)
        {
            KvPool pool = owner._pool;
            long[] sizes = [shape.Rows, pool.Model.KvHeads, pool.Model.ContextLength, pool.Model.HeadSize];
            long bytes = pool.RowBytes * shape.Rows;
            for (int layer = 0; layer < pool.Model.Layers; layer++)
            {
                BindBoth(GraphNames.PastKey(layer), GraphNames.PresentKey(layer), pool.Keys(layer, shape.FirstRow));
                BindBoth(GraphNames.PastValue(layer), GraphNames.PresentValue(layer), pool.Values(layer, shape.FirstRow));
            }

            void BindBoth(string past, string present, nint address)
            {
                OrtValue value = OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance, TensorElementType.Float, sizes, address, bytes);
                _kv.Add(value);
                Binding.BindInput(past, value);
                Binding.BindOutput(present, value);
            }
        }

        public void Rebind(OnnxSession owner, in ForwardShape shape)
        {
            foreach (OrtValue value in _inputs) value.Dispose();
            _inputs.Clear();
            ForwardBuffers buffers = owner._buffers;
            Input(GraphNames.InputIds, Over(buffers.InputIds, TensorElementType.Int64, shape.Rows, shape.Tokens));
            if (owner._takesPositions)
            {
                Input(GraphNames.PositionIds, Over(buffers.PositionIds, TensorElementType.Int64, shape.Rows, shape.Tokens));
            }
            Input(GraphNames.LastPositions, Over(buffers.LastPositions, TensorElementType.Int32, shape.Rows));
            Input(GraphNames.TotalLength, Over(buffers.TotalLength, TensorElementType.Int32));
            Input(GraphNames.LogitsIndex, Over(buffers.LogitsIndex, TensorElementType.Int64, shape.Logits));
            OrtValue logits = Over(buffers.Logits, TensorElementType.Float, shape.Logits, buffers.VocabularySize);
            _inputs.Add(logits);
            Binding.BindOutput(GraphNames.Logits, logits);
            Shape = shape;

            void Input(string name, OrtValue value)
            {
                _inputs.Add(value);
                Binding.BindInput(name, value);
            }
        }

        public void Dispose()
        {
            Binding.Dispose();
            foreach (OrtValue value in _inputs) value.Dispose();
            foreach (OrtValue value in _kv) value.Dispose();
        }
    }
}
