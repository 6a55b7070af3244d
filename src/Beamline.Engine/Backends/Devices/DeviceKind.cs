namespace Beamline.Engine.Backends.Devices;

/// <summary>What computes.</summary>
public enum DeviceKind
{
    /// <summary><c>cpu</c>: the processor.</summary>
    Cpu,

    /// <summary><c>cuda</c>: an NVIDIA graphics processor.</summary>
    Cuda,
}
