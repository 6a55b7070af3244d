namespace Beamline.Engine.Backends.Devices;

/// <summary>Which devices can be used.</summary>
public static class DeviceCatalogue
{
    private const string Setting = "Beamline:Workers:Devices";

    /// <summary>What is wrong with a name in the settings as such; null when nothing is.</summary>
    public static string? Fault(string name) => DeviceId.TryParse(name, out _)
        ? null
        : $"{Setting} has '{name}'; allowed: cpu:N and cuda:N with N from 0 to {DeviceId.MaxIndex}";

    /// <summary>Why a device cannot be used; null when it can.</summary>
    /// <param name="device">The device.</param>
    /// <param name="seen">What is there; asked for CUDA devices only, since finding out loads CUDA's libraries.</param>
    public static string? Fault(DeviceId device, Func<DeviceSurvey> seen)
    {
        if (device.Kind == DeviceKind.Cpu) return null;
        DeviceSurvey survey = seen();
        if (device.Index < survey.CudaDevices) return null;
        string allowed = survey.CudaDevices switch
        {
            0 => "cpu:N",
            1 => "cpu:N, cuda:0",
            _ => $"cpu:N, cuda:0 to cuda:{survey.CudaDevices - 1}",
        };
        string fault = survey.CudaFault is null ? "" : $"; {survey.CudaFault}";
        return $"{Setting} has '{device}'; allowed: {allowed}; ONNX Runtime sees: {string.Join(", ", survey.Providers)}{fault}";
    }
}
