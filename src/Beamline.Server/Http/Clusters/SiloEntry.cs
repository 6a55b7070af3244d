using Orleans.Runtime;

namespace Beamline.Server.Http.Clusters;

/// <summary>A silo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where other silos reach it, such as <c>10.0.0.5:11111</c>.</param>
/// <param name="State">Its state in the membership table, such as <c>active</c>.</param>
/// <param name="Started">When it started, in UTC.</param>
internal sealed record SiloEntry(string Name, string Address, string State, DateTimeOffset Started)
{
    /// <summary>The entry of a member.</summary>
    public static SiloEntry Of(MembershipEntry member) => new(
        member.SiloName,
        member.SiloAddress.Endpoint.ToString(),
        member.Status.ToString().ToLowerInvariant(),
        new(DateTime.SpecifyKind(member.StartTime, DateTimeKind.Utc)));
}
