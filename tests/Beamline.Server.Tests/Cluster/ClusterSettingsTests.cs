using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Processes;
using Microsoft.AspNetCore.Builder;

namespace Beamline.Server.Tests.Cluster;

public sealed class ClusterSettingsTests
{
    [Fact]
    public async Task NothingSet_IsSound() => (await FaultsOf()).ShouldBeEmpty();

    [Fact]
    public async Task EverythingWrong_IsNamedAtOnce() => (await FaultsOf(
        "SiloPort", "70000", "GatewayPort", "-1", "ClusterId", "a b", "ServiceId", "", "SiloName", "a/b", "Address", "here",
        "StartTimeout", "00:00:00", "PrimarySilo", "127.0.0.1", "Prot", "1", "Detection:MissedProbes", "0")).ShouldBe(
        [
            "Beamline:Cluster:Prot is not a setting; Beamline:Cluster has Role, Provider, ConnectionString, ApplySchema, ClusterId, "
                + "ServiceId, SiloName, Address, SiloPort, GatewayPort, PrimarySilo, Gateways, StartTimeout, Detection, Tls, Kubernetes",
            "Beamline:Cluster:Detection:MissedProbes is 0; allowed: 1 to 100",
            "Beamline:Cluster:SiloPort is 70000; allowed: 0 to 65535",
            "Beamline:Cluster:GatewayPort is -1; allowed: 0 to 65535",
            "Beamline:Cluster:StartTimeout is 00:00:00; allowed: 00:00:01 to 00:10:00",
            "Beamline:Cluster:ClusterId is 'a b'; allowed: 1 to 63 letters, digits and hyphens",
            "Beamline:Cluster:ServiceId is empty; allowed: 1 to 63 letters, digits and hyphens",
            "Beamline:Cluster:SiloName is 'a/b'; allowed: 1 to 63 letters, digits, hyphens, dots and underscores",
            "Beamline:Cluster:Address is 'here'; allowed: an IP address of this machine",
            "Beamline:Cluster:PrimarySilo is '127.0.0.1'; allowed: an IP address and a port such as 127.0.0.1:11111",
        ], ignoreOrder: true);

    [Theory]
    [InlineData(new[] { "Provider", "Redis" }, "Beamline:Cluster:ConnectionString is not set; allowed: a server such as 10.0.0.5:6379")]
    [InlineData(new[] { "Provider", "Redis", "ConnectionString", "a:1,ssl=perhaps,password=secret" },
        "Beamline:Cluster:ConnectionString cannot be read; allowed: a server such as 10.0.0.5:6379")]
    [InlineData(new[] { "Provider", "Zoo" }, "Beamline:Cluster:Provider is 'Zoo'; allowed: Localhost, Redis, Postgres, Orleans")]
    [InlineData(new[] { "Provider", "Postgres", "ConnectionString", "Database=x;Password=secret" },
        "Beamline:Cluster:ConnectionString cannot be read; "
            + "allowed: a server such as Host=10.0.0.5;Database=beamline;Username=beamline;Password=...")]
    [InlineData(new[] { "Detection:ResponseTimeout", "00:00:01.5" },
        "Beamline:Cluster:Detection:ResponseTimeout is 00:00:01.5000000; allowed: more than Beamline:Sequences:ReadWait, which is 00:00:02",
        "Beamline:Cluster:Detection:ResponseTimeout is 00:00:01.5000000; "
            + "allowed: more than Beamline:Durable:StorageWait, which is 00:00:02",
        "Beamline:Cluster:Detection:ResponseTimeout is 00:00:01.5000000; "
            + "allowed: more than Beamline:Workers:Engine:ReadWait, which is 00:00:02")]
    [InlineData(new[] { "Tls:Password", "secret" },
        "Beamline:Cluster:Tls:CertificateFile is not set, but other settings of TLS are; allowed: a PKCS#12 file")]
    [InlineData(new[] { "Tls:AuthoritiesFile", "/nowhere/a.pem", "Tls:RequireClientCertificate", "false" },
        "Beamline:Cluster:Tls:CertificateFile is not set, but other settings of TLS are; allowed: a PKCS#12 file")]
    [InlineData(new[] { "Role", "Gateway", "Gateways:0", "127.0.0.1:1", "Tls:AuthoritiesFile", "/nowhere/a.pem",
        "Tls:RequireClientCertificate", "false" },
        "Beamline:Cluster:Tls:AuthoritiesFile is '/nowhere/a.pem': Could not find a part of the path '/nowhere/a.pem'.")]
    [InlineData(new[] { "Tls:CertificateFile", "/nowhere/own.pfx" },
        "Beamline:Cluster:Tls:CertificateFile is '/nowhere/own.pfx': Could not find a part of the path '/nowhere/own.pfx'.")]
    [InlineData(new[] { "Provider", "Orleans" }, "Beamline:Cluster:Provider is Orleans, but the section Orleans:Clustering is not there")]
    [InlineData(new[] { "Role", "Gateway" },
        "Beamline:Cluster:Gateways is not set; a process without a silo needs a silo's address and gateway port, or another Provider")]
    [InlineData(new[] { "Role", "Gateway", "Gateways:0", "127.0.0.1:30000", "Gateways:1", "x" },
        "Beamline:Cluster:Gateways:1 is 'x'; allowed: an IP address and a port such as 127.0.0.1:11111")]
    [InlineData(new[] { "SiloPort", "5000", "GatewayPort", "5000" },
        "Beamline:Cluster:GatewayPort is 5000; allowed: another port than SiloPort")]
    public async Task AFault_IsSaidInOneLine(string[] settings, params string[] lines) =>
        (await FaultsOf(settings)).ShouldBe(lines);

    [Fact]
    public async Task FaultsOfEverySection_AreNamedAtOnce() => (await LinesOf(
        "--Beamline:Workers:Devices:0", "gpu", "--Beamline:Workers:Engine:Rows", "many", "--Beamline:Workers:Engin:Rows", "1",
        "--Beamline:Sequences:MaxMoves", "x", "--Beamline:Cache:Folder", "x", "--Beamline:Limits:Beams", "0",
        "--Beamline:Clster:Role", "Silo"))
        .Select(line => line.Split(' ')[0]).ShouldBe(
        [
            "Beamline:Workers:Engine:Rows", "Beamline:Workers:Engin", "Beamline:Sequences:MaxMoves", "Beamline:Cache:Folder",
            "Beamline:Limits:Beams", "Beamline:Clster", "Beamline:Workers:Devices",
        ], ignoreOrder: true);

    private static Task<IReadOnlyList<string>> FaultsOf(params string[] settings) =>
        LinesOf([.. settings.Chunk(2).SelectMany(pair => new[] { $"--Beamline:Cluster:{pair[0]}", pair[1] })]);

    private static async Task<IReadOnlyList<string>> LinesOf(params string[] args)
    {
        await using WebApplication app = BeamlineServer.Build(args);
        try
        {
            ProcessHost.CheckSettings(app.Services);
            return [];
        }
        catch (StartException e)
        {
            return e.Lines;
        }
    }
}
