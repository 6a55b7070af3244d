using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends.Device;
using Beamline.Engine.Backends.Devices;
using Beamline.Engine.Backends.Host;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Backends.Selection;

/// <summary>Picks the backend for a device.</summary>
public static class BackendFactories
{
    /// <summary>The factory of a model's backend.</summary>
    /// <param name="device">Where it computes.</param>
    /// <param name="choice">Which backend.</param>
    /// <param name="graphPath">The graph's file; its weights lie beside it.</param>
    /// <param name="model">What the graph computes.</param>
    /// <param name="threads">Threads of a forward pass on the processor; 0 chooses.</param>
    public static IBackendFactory For(DeviceId device, BackendChoice choice, string graphPath, ModelDescription model, int threads) =>
        device.Kind == DeviceKind.Cpu && choice == BackendChoice.Auto
            ? new HostBackendFactory(new OnnxLoader(graphPath, model, threads))
            : new DeviceBackendFactory(device, graphPath, model, threads);
}
