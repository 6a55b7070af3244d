using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends.Devices;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Backends.Device;

/// <summary>Puts a model into the memory of a device.</summary>
/// <param name="device">The device.</param>
/// <param name="graphPath">The graph's file; its weights lie beside it.</param>
/// <param name="model">What the graph computes.</param>
/// <param name="threads">Threads of what the processor computes; 0 chooses.</param>
public sealed class DeviceBackendFactory(DeviceId device, string graphPath, ModelDescription model, int threads) : IBackendFactory
{
    /// <inheritdoc/>
    public IModelBackend Open(BackendLimits limits)
    {
        IExecutionDevice opened;
        try
        {
            opened = ExecutionDevices.Open(device);
        }
        catch (InvalidOperationException e)
        {
            throw new BeamlineException(BeamlineErrorCode.InvalidConfiguration, $"{device} cannot be used: {e.Message}", e);
        }
        return new DeviceBackend(new OnnxLoader(graphPath, model, threads, opened.Configure), opened, limits);
    }
}
