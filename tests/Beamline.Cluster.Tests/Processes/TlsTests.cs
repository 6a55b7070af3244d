using System.Net;
using System.Text.Json;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>Encrypted silos: who shows the right certificate is let in, nobody else.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task OnlyWhoShowsACertificateOfTheAuthority_WithTheName_IsLetIn()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        using TlsFiles ours = new("silo.beamline"), theirs = new("silo.beamline");
        int port = FreePort.On(IPAddress.Loopback);
        await using ServerProcess silo = await ServerProcess.StartAsync(
            new Dictionary<string, string>(ours.Settings("silo.beamline"))
            {
                ["Beamline:Cluster:Role"] = "Silo", ["Beamline:Cluster:GatewayPort"] = $"{port}",
            },
            limit.Token);

        await using ServerProcess gateway = await ServerProcess.StartAsync(Joining(ours.Settings("silo.beamline"), port), limit.Token);
        await gateway.ReadyAsync(limit.Token);
        JsonElement story = await gateway.CompleteAsync(
            new { prompt = "Once upon a time", max_tokens = 4, return_token_ids = true }, limit.Token);
        story.GetProperty("token_ids").GetArrayLength().ShouldBe(4);

        await RefusedAsync(Joining([], port), limit.Token);                                     // no certificate
        await RefusedAsync(Joining(theirs.Settings("silo.beamline"), port), limit.Token);       // of another authority
        await RefusedAsync(Joining(ours.Settings("other.beamline"), port), limit.Token);        // the silo has not the name it demands
    }

    [Fact]
    public async Task WhereNoCertificateIsDemanded_AGatewayWithoutOneIsLetIn_ButLooksAtTheSilos()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        using TlsFiles ours = new("silo.beamline"), theirs = new("silo.beamline");
        int port = FreePort.On(IPAddress.Loopback);
        await using ServerProcess silo = await ServerProcess.StartAsync(
            new Dictionary<string, string>(ours.Settings("silo.beamline"))
            {
                ["Beamline:Cluster:Role"] = "Silo", ["Beamline:Cluster:GatewayPort"] = $"{port}",
                ["Beamline:Cluster:Tls:RequireClientCertificate"] = "false",
            },
            limit.Token);

        await using ServerProcess gateway = await ServerProcess.StartAsync(Joining(WithoutCertificate(ours), port), limit.Token);
        await gateway.ReadyAsync(limit.Token);

        await RefusedAsync(Joining([], port), limit.Token);                                     // not encrypted
        await RefusedAsync(Joining(WithoutCertificate(theirs), port), limit.Token);             // the silo is of another authority
        await RefusedAsync(Joining(theirs.Settings("silo.beamline"), port), limit.Token);       // both are
    }

    private static Dictionary<string, string> WithoutCertificate(TlsFiles files) => new()
    {
        ["Beamline:Cluster:Tls:AuthoritiesFile"] = files.AuthoritiesFile, ["Beamline:Cluster:Tls:RequireClientCertificate"] = "false",
    };

    private static Dictionary<string, string> Joining(Dictionary<string, string> tls, int port) => new(tls)
    {
        ["Beamline:Cluster:Role"] = "Gateway",
        ["Beamline:Cluster:Gateways:0"] = $"127.0.0.1:{port}",
        ["Beamline:Cluster:StartTimeout"] = "00:00:01",
    };

    private static async Task RefusedAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        await using TestProcess process = TestProcess.Start(
            typeof(BeamlineServer),
            ["--urls", "http://127.0.0.1:0", .. settings.SelectMany(pair => new[] { $"--{pair.Key}", pair.Value })]);
        await process.Exited.WaitAsync(cancellationToken);
        process.ExitCode.ShouldBe(ExitCode.CallersFault, process.Output);
        process.Output.ShouldContain("beamline: No silo of the cluster answered within 00:00:01");
    }
}
