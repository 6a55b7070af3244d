using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends.Devices;
using Beamline.Engine.Sessions;
using Beamline.Models.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Beamline.Engine.Backends.Device;

/// <summary>
/// A session on a device and what is bound for it: inputs, logits and KV, once for each size of a decode pass and each slot of a
/// prompt. All of the memory is others'.
/// </summary>
internal sealed class DeviceSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly IExecutionDevice _device;
    private readonly ModelDescription _model;
    private readonly KvSlots _slots;
    private readonly SlotSizes _sizes;
    private readonly PassBuffers _buffers;
    private readonly Dictionary<string, bool> _isOnDevice = [];
    private readonly Bound?[] _decode;      // by rows
    private readonly Bound?[] _alone;       // by slot

    /// <summary>Loads the model.</summary>
    /// <exception cref="BeamlineException">It cannot be loaded, or its attention does not run on the device.</exception>
    public DeviceSession(OnnxLoader loader, IExecutionDevice device, KvSlots slots, SlotSizes sizes, PassBuffers buffers)
    {
        (_device, _model, _slots, _sizes, _buffers) = (device, loader.Model, slots, sizes, buffers);
        _decode = new Bound?[sizes.Slots + 1];
        _alone = new Bound?[sizes.Slots];
        _session = loader.Load();
        try
        {
            FindInputs();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs a pass whose inputs are where they belong.</summary>
    public void Run(int firstSlot, PassLayout layout)
    {
        if (layout.Rows == 1)
        {
            _session.RunWithBinding(_options, Rebound(ref _alone[firstSlot], firstSlot, layout).Binding);
        }
        else if (firstSlot == 0 && layout.Width == 1)
        {
            _session.RunWithBinding(_options, Rebound(ref _decode[layout.Rows], firstSlot, layout).Binding);
        }
        else
        {
            // Prompts side by side: hardly two passes have the same sizes.
            using Bound together = new(this, firstSlot, layout);
            _session.RunWithBinding(_options, together.Binding);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Bound? bound in _decode) bound?.Dispose();
        foreach (Bound? bound in _alone) bound?.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    // ONNX Runtime says where it reads each input. What it reads from the host (on CUDA the total length) is bound there: an input bound in
    // other memory is copied when it is bound, and changes after that are not seen.
    private void FindInputs()
    {
        using IDisposableReadOnlyCollection<OrtMemoryInfo> memories = _session.GetMemoryInfosForInputs();
        for (int i = 0; i < memories.Count; i++)
        {
            OrtMemoryInfo memory = memories.ElementAt(i);
            _isOnDevice[_session.InputNames[i]] =
                memory.GetDeviceType() == _device.Memory.GetDeviceType() && memory.Id == _device.Memory.Id;
        }
        if (_isOnDevice[GraphNames.PastKey(0)]) return;
        throw new BeamlineException(BeamlineErrorCode.InvalidModel,
            $"{_model.Name}: ONNX Runtime runs the attention of {_model.Precision} not on {_device.Id} but on the processor; "
            + "on CUDA serve it in fp16");
    }

    private Bound Rebound(ref Bound? bound, int firstSlot, PassLayout layout)
    {
        if (bound is null) bound = new(this, firstSlot, layout);
        else if (bound.Layout != layout) bound.Rebind(layout);
        return bound;
    }

    /// <summary>A binding with the values it refers to.</summary>
    private sealed class Bound : IDisposable
    {
        private readonly DeviceSession _owner;
        private readonly List<OrtValue> _kv = [];
        private readonly List<OrtValue> _others = [];

        public Bound(DeviceSession owner, int firstSlot, PassLayout layout)
        {
            _owner = owner;
            Binding = owner._session.CreateIoBinding();
            try
            {
                BindKv(firstSlot, layout.Rows);
                Rebind(layout);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public OrtIoBinding Binding { get; }

        public PassLayout Layout { get; private set; }

        /// <summary>Binds everything but the KV anew, for another length of a prompt.</summary>
        public void Rebind(PassLayout layout)
        {
            Layout = default;       // nothing counts as bound until all of it is
            foreach (OrtValue value in _others) value.Dispose();
            _others.Clear();
            Input(GraphNames.InputIds, TensorElementType.Int64, PassLayout.Ids, layout.Rows, layout.Width);
            if (_owner._isOnDevice.ContainsKey(GraphNames.PositionIds))
            {
                Input(GraphNames.PositionIds, TensorElementType.Int64, layout.Positions, layout.Rows, layout.Width);
            }
            Input(GraphNames.LastPositions, TensorElementType.Int32, layout.LastPositions, layout.Rows);
            Input(GraphNames.TotalLength, TensorElementType.Int32, layout.TotalLength);
            Input(GraphNames.LogitsIndex, TensorElementType.Int64, layout.LogitsIndex, layout.Rows);
            long[] sizes = [layout.Rows, _owner._buffers.VocabularySize];
            OrtValue logits = Value(_owner._device.Memory, TensorElementType.Float, sizeof(float), sizes, _owner._buffers.DeviceLogits);
            _others.Add(logits);
            Binding.BindOutput(GraphNames.Logits, logits);
            Layout = layout;
        }

        public void Dispose()
        {
            Binding.Dispose();
            foreach (OrtValue value in _others) value.Dispose();
            foreach (OrtValue value in _kv) value.Dispose();
        }

        private void BindKv(int firstSlot, int rows)
        {
            KvLayout layout = _owner._model.Kv;
            for (int i = 0; i < layout.Layers.Length; i++)
            {
                long[] sizes = [rows, layout.Layers[i].Heads, _owner._sizes.Capacity, layout.Layers[i].HeadSize];
                BindBoth(GraphNames.PastKey(i), GraphNames.PresentKey(i), sizes, _owner._slots.Keys(i, firstSlot));
                BindBoth(GraphNames.PastValue(i), GraphNames.PresentValue(i), sizes, _owner._slots.Values(i, firstSlot));
            }

            void BindBoth(string past, string present, long[] sizes, nint address)
            {
                TensorElementType type = layout.Element == KvElement.Float16 ? TensorElementType.Float16 : TensorElementType.Float;
                OrtValue value = Value(_owner._device.Memory, type, layout.ElementBytes, sizes, address);
                _kv.Add(value);
                Binding.BindInput(past, value);
                Binding.BindOutput(present, value);
            }
        }

        private void Input(string name, TensorElementType type, int at, params long[] sizes)
        {
            bool isOnDevice = _owner._isOnDevice[name];
            nint block = isOnDevice ? _owner._buffers.DeviceInputs : _owner._buffers.HostInputs;
            OrtMemoryInfo memory = isOnDevice ? _owner._device.Memory : OrtMemoryInfo.DefaultInstance;
            OrtValue value = Value(memory, type, type == TensorElementType.Int64 ? sizeof(long) : sizeof(int), sizes, block + at);
            _others.Add(value);
            Binding.BindInput(name, value);
        }

        private static OrtValue Value(OrtMemoryInfo memory, TensorElementType type, int elementBytes, long[] sizes, nint address)
        {
            long bytes = elementBytes;
            foreach (long size in sizes) bytes *= size;
            return OrtValue.CreateTensorValueWithData(memory, type, sizes, address, bytes);
        }
    }
}
