namespace Beamline.Engine.Backends.Devices;

/// <summary>Opens devices.</summary>
public static class ExecutionDevices
{
    /// <summary>Opens a device, or what stands for one on the processor.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static IExecutionDevice Open(DeviceId device) =>
        device.Kind == DeviceKind.Cuda ? new CudaDevice(device.Index) : new CpuDevice(device.Index);

    /// <summary>The numerics fingerprint of a device, by its name.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static string NumericsOf(string name)
    {
        if (!DeviceId.TryParse(name, out DeviceId device)) throw new InvalidOperationException($"'{name}' is no device");
        using IExecutionDevice opened = Open(device);
        return opened.Numerics;
    }
}
