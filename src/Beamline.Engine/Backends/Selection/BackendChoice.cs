namespace Beamline.Engine.Backends.Selection;

/// <summary>Which backend computes on a device.</summary>
public enum BackendChoice
{
    /// <summary>The one that the device is made for: on the processor that over the host's memory, else that over the device's.</summary>
    Auto,

    /// <summary>The one over a device's memory, on the processor too. Slower there by its copies; for tests without a device.</summary>
    Device,
}
