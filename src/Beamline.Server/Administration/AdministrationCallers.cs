namespace Beamline.Server.Administration;

/// <summary>Whose requests may change what the cluster serves.</summary>
public enum AdministrationCallers
{
    /// <summary>Programs of the same machine that ask a loopback address.</summary>
    Loopback,

    /// <summary>Whoever reaches the gateway; for one behind a proxy that looks who it is.</summary>
    Anyone,

    /// <summary>Nobody.</summary>
    Nobody,
}
