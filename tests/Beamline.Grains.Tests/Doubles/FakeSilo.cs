using Orleans.Runtime;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>A silo that has nothing but a name.</summary>
internal sealed class FakeSilo(string name) : ILocalSiloDetails
{
    public string Name => name;

    public string ClusterId => "";

    public string DnsHostName => "";

    public SiloAddress SiloAddress => SiloAddress.Zero;

    public SiloAddress GatewayAddress => SiloAddress.Zero;
}
