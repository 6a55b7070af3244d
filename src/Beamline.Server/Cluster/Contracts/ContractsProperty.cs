using Beamline.Abstractions.Grains;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Beamline.Server.Cluster.Contracts;

/// <summary>
/// Writes the version into the silo's manifest, which Orleans hands to every silo and gateway before these call any grain. It stands at
/// one interface, that of the grain that all silos call.
/// </summary>
internal sealed class ContractsProperty(ContractsVersion own) : IGrainInterfacePropertiesProvider
{
    /// <summary>The property's name.</summary>
    public const string Name = "beamline.contracts";

    /// <inheritdoc/>
    public void Populate(Type interfaceType, GrainInterfaceType grainInterfaceType, Dictionary<string, string> properties)
    {
        if (interfaceType == typeof(IWorkerDirectoryGrain)) properties[Name] = own.Value;
    }
}
