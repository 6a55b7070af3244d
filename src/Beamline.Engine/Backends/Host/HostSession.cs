using Beamline.Abstractions.Workers;
using Beamline.Models.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Beamline.Engine.Backends.Host;

/// <summary>
/// Forward passes on ONNX Runtime. Inputs, logits and KV are bound once for each batch size and changed in place, so a decode step
/// allocates nothing; past and present are the same memory.
/// </summary>
internal sealed class HostSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly bool _ownsSession;
    private readonly RunOptions _runOptions = new();
    private readonly HostKvMemory _kv;
    private readonly HostInputs _inputs;
    private readonly bool _takesPositions;
    private readonly Bound?[] _batches;
    private readonly Bound?[] _singles;
    private readonly Bound?[] _prompts;

    public HostSession(InferenceSession session, HostKvMemory kv, HostInputs inputs, bool ownsSession)
    {
        _session = session;
        _ownsSession = ownsSession;
        _kv = kv;
        _inputs = inputs;
        _takesPositions = session.InputMetadata.ContainsKey(GraphNames.PositionIds);
        _batches = new Bound?[kv.Slots + 1];
        _singles = new Bound?[kv.Slots];
        _prompts = new Bound?[kv.Slots];
    }

    /// <summary>The weights and the graph.</summary>
    public InferenceSession Session => _session;

    /// <summary>Runs what stands in the inputs.</summary>
    public void Run(in HostShape shape)
    {
        if (shape.Rows > 1 && (shape.Tokens > 1 || shape.FirstSlot > 0))
        {
            using Bound together = Bind(shape);
            _session.RunWithBinding(_runOptions, together.Binding);
            return;
        }
        Bound bound = shape switch
        {
            { Tokens: 1, FirstSlot: 0 } => _batches[shape.Rows] ??= Bind(shape),
            { Tokens: 1 } => _singles[shape.FirstSlot] ??= Bind(shape),
            // A prompt's length differs from pass to pass: the KV of its slot stays bound, the rest is bound anew.
            _ => _prompts[shape.FirstSlot] ??= Bind(shape),
        };
        if (bound.Shape != shape) bound.Rebind(this, shape);
        _session.RunWithBinding(_runOptions, bound.Binding);
    }

    public void Dispose()
    {
        foreach (Bound? bound in _batches) bound?.Dispose();
        foreach (Bound? bound in _singles) bound?.Dispose();
        foreach (Bound? bound in _prompts) bound?.Dispose();
        _runOptions.Dispose();
        if (_ownsSession) _session.Dispose();
    }

    private Bound Bind(in HostShape shape)
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
        private readonly List<OrtValue> _values = [];

        public OrtIoBinding Binding { get; } = binding;

        public HostShape Shape { get; private set; }

        public void BindKv(HostSession owner, in HostShape shape)
        {
            HostKvMemory kv = owner._kv;
            TensorElementType type = kv.Layout.Element == KvElement.Float16 ? TensorElementType.Float16 : TensorElementType.Float;
            for (int i = 0; i < kv.Layout.Layers.Length; i++)
            {
                KvLayer layer = kv.Layout.Layers[i];
                long[] sizes = [shape.Rows, layer.Heads, kv.Capacity, layer.HeadSize];
                long bytes = kv.SlotBytes(i) * shape.Rows;
                BindBoth(GraphNames.PastKey(i), GraphNames.PresentKey(i), kv.Keys(i, shape.FirstSlot));
                BindBoth(GraphNames.PastValue(i), GraphNames.PresentValue(i), kv.Values(i, shape.FirstSlot));

                void BindBoth(string past, string present, nint address)
                {
                    OrtValue value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, sizes, address, bytes);
                    _kv.Add(value);
                    Binding.BindInput(past, value);
                    Binding.BindOutput(present, value);
                }
            }
        }

        public void Rebind(HostSession owner, in HostShape shape)
        {
            foreach (OrtValue value in _values) value.Dispose();
            _values.Clear();
            HostInputs inputs = owner._inputs;
            Input(GraphNames.InputIds, Over(inputs.InputIds, TensorElementType.Int64, shape.Rows, shape.Tokens));
            if (owner._takesPositions)
            {
                Input(GraphNames.PositionIds, Over(inputs.PositionIds, TensorElementType.Int64, shape.Rows, shape.Tokens));
            }
            Input(GraphNames.LastPositions, Over(inputs.LastPositions, TensorElementType.Int32, shape.Rows));
            Input(GraphNames.TotalLength, Over(inputs.TotalLength, TensorElementType.Int32));
            Input(GraphNames.LogitsIndex, Over(inputs.LogitsIndex, TensorElementType.Int64, shape.Rows));
            OrtValue logits = Over(inputs.Logits, TensorElementType.Float, shape.Rows, inputs.VocabularySize);
            _values.Add(logits);
            Binding.BindOutput(GraphNames.Logits, logits);
            Shape = shape;

            void Input(string name, OrtValue value)
            {
                _values.Add(value);
                Binding.BindInput(name, value);
            }
        }

        public void Dispose()
        {
            Binding.Dispose();
            foreach (OrtValue value in _values) value.Dispose();
            foreach (OrtValue value in _kv) value.Dispose();
        }
    }
}
