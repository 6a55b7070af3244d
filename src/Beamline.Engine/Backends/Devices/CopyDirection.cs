namespace Beamline.Engine.Backends.Devices;

/// <summary>From whose memory to whose a copy goes.</summary>
public enum CopyDirection
{
    /// <summary>From the host to the device.</summary>
    Upload,

    /// <summary>From the device to the host.</summary>
    Download,

    /// <summary>Within the device.</summary>
    Within,
}
