using System.Collections.Immutable;
using System.Net;
using Beamline.Server.Cluster.Contracts;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Beamline.Server.Tests.Cluster.Contracts;

public sealed class ForeignSiloTests
{
    private static readonly ContractsVersion Own = new("own");

    private static readonly SiloAddress
        Old = Silo(11111, 1), Young = Silo(11112, 2), Twin = Silo(11113, 2);

    [Fact]
    public void SilosOfTheOwnVersion_AreNotForeign_AndGatewaysAreNotSilos() =>
        ForeignSilo.Find(Cluster((Old, "own"), (SiloAddress.New(IPAddress.Loopback, 0, -1), null)), Own).ShouldBeEmpty();

    [Fact]
    public void ForeignSilos_ComeOldestFirst_AlsoThoseThatShowNothing() =>
        ForeignSilo.Find(Cluster((Young, "other"), (Old, null), (Twin, "own")), Own)
            .ShouldBe([new ForeignSilo(Old, null), new ForeignSilo(Young, "other")]);

    [Fact]
    public void OfTwoSilosThatFindEachOther_ExactlyOneIsOlder()
    {
        foreach ((SiloAddress one, SiloAddress other) in new[] { (Old, Young), (Young, Twin), (Old, Twin) })
        {
            bool first = new ForeignSilo(one, "x").IsOlderThan(other), second = new ForeignSilo(other, "x").IsOlderThan(one);
            (first ^ second).ShouldBeTrue($"{one} and {other}");
        }
        new ForeignSilo(Old, "x").IsOlderThan(Young).ShouldBeTrue();
    }

    private static SiloAddress Silo(int port, int generation) => SiloAddress.New(IPAddress.Loopback, port, generation);

    private static ClusterManifest Cluster(params (SiloAddress Address, string? Version)[] silos) => new(
        new MajorMinorVersion(1, 0),
        silos.ToImmutableDictionary(silo => silo.Address, silo => new GrainManifest(
            ImmutableDictionary<GrainType, GrainProperties>.Empty,
            ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty.Add(
                GrainInterfaceType.Create("directory"),
                new GrainInterfaceProperties(Properties(silo.Version))))));

    private static ImmutableDictionary<string, string> Properties(string? version)
    {
        ImmutableDictionary<string, string> none = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);
        return version is null ? none : none.Add(ContractsProperty.Name, version);
    }
}
