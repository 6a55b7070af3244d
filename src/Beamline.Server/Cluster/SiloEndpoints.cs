using System.Net;
using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Networking;
using Orleans.Configuration;

namespace Beamline.Server.Cluster;

/// <summary>Where a silo listens.</summary>
/// <param name="Address">The address; null is the machine's own, as Orleans finds it.</param>
/// <param name="SiloPort">Port for other silos, 1 to 65535.</param>
/// <param name="GatewayPort">Port for gateways; 0 is none.</param>
internal sealed record SiloEndpoints(IPAddress? Address, int SiloPort, int GatewayPort)
{
    /// <summary>What the settings say, with free ports where they leave the choice.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="provider">The provider in use.</param>
    /// <param name="pod">The pod that the silo is; null when it is none.</param>
    public static SiloEndpoints Choose(ClusterSettings settings, ClusterProvider provider, PodVariables? pod)
    {
        bool isLocal = provider == ClusterProvider.Localhost;
        IPAddress? address = IPAddress.TryParse(settings.Address, out IPAddress? given) ? given
            : pod?.ParsedAddress ?? (isLocal ? IPAddress.Loopback : null);
        IPAddress listening = address ?? IPAddress.Any;
        int silo = settings.SiloPort != 0 ? settings.SiloPort : FreePort.On(listening);
        int gateway = settings.GatewayPort != 0 ? settings.GatewayPort : isLocal ? 0 : FreePort.On(listening);
        return new(address, silo, gateway);
    }

    /// <summary>Sets the options of the silo. Ports that the section <c>Orleans:Endpoints</c> gives win over chosen ones.</summary>
    public void Apply(EndpointOptions options, ClusterSettings settings, IConfiguration configuration)
    {
        IConfigurationSection given = configuration.GetSection("Orleans:Endpoints");
        if (Address is not null) options.AdvertisedIPAddress = Address;
        if (settings.SiloPort != 0 || given[nameof(options.SiloPort)] is null) options.SiloPort = SiloPort;
        if (settings.GatewayPort != 0 || given[nameof(options.GatewayPort)] is null) options.GatewayPort = GatewayPort;
    }
}
