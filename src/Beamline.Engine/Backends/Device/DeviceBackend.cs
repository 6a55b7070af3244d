using Beamline.Abstractions.Errors;
using Beamline.Engine.Backends.Devices;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Backends.Device;

/// <summary>
/// A model on a device with memory of its own: weights and KV stay there, a pass sends its tokens and gets its logits back.
/// </summary>
public sealed class DeviceBackend : IModelBackend
{
    private readonly OnnxLoader _loader;
    private readonly IExecutionDevice _device;
    private readonly SlotSizes _sizes;
    private readonly DeviceKvCache _kv;
    private readonly PassBuffers _buffers;
    private readonly Func<int, int> _rowOf;
    private DeviceSession? _session;

    /// <summary>Takes the memory and loads the model.</summary>
    /// <param name="loader">Opens sessions on the device.</param>
    /// <param name="device">The device; the backend disposes of it, also when this fails.</param>
    /// <param name="limits">What it has to hold.</param>
    /// <exception cref="BeamlineException">The model cannot be loaded, or the device has no room.</exception>
    public DeviceBackend(OnnxLoader loader, IExecutionDevice device, BackendLimits limits)
    {
        (_loader, _device) = (loader, device);
        _rowOf = RowOf;
        try
        {
            _sizes = SlotSizes.Choose(loader.Model, limits);
            _kv = new DeviceKvCache(device, loader.Model.Kv, _sizes);
            _buffers = new PassBuffers(device, limits, loader.Model.VocabularySize);
            _session = Open();
        }
        catch (OutOfMemoryException e)
        {
            Dispose();
            throw new BeamlineException(BeamlineErrorCode.NoRoom,
                $"{device.Id} has no room for the KV cache of {Counted.Of(limits.Rows, "row")} of {loader.Model.Name}; "
                + "lower Beamline:Workers:Engine:KvBytes or Rows",
                e);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IKvCache Kv => _kv;

    /// <inheritdoc/>
    public PromptBatching PromptBatching => PromptBatching.FromStart;

    /// <inheritdoc/>
    /// <remarks>As for the host: on a device a pass is cheap only when it is full. Not measured on one yet.</remarks>
    public int PassOverheadTokens => 16;

    /// <inheritdoc/>
    public Memory<float> Logits => _buffers.Logits;

    /// <inheritdoc/>
    public void Run(ForwardPass pass)
    {
        DeviceSession session = _session ?? throw new InvalidOperationException("There is no session: it could not be opened again.");
        PassLayout layout = _buffers.Fill(pass, _rowOf);
        _buffers.Upload(layout);
        session.Run(_kv.FirstSlot, layout);
        _buffers.Download(layout);
    }

    /// <inheritdoc/>
    public bool Reopen()
    {
        _session?.Dispose();
        _session = null;
        _session = Open();
        return true;        // the KV is no memory of the session's
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The constructor ends here too, with some of it made.
        _session?.Dispose();
        _session = null;
        _buffers?.Dispose();
        _kv?.Dispose();
        _device.Dispose();
    }

    private DeviceSession Open() => new(_loader, _device, _kv.Slots, _sizes, _buffers);

    private int RowOf(int sequence) => _kv.SlotOf(sequence) - _kv.FirstSlot;
}
