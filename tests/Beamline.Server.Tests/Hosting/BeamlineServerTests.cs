using System.Net;
using System.Net.Sockets;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Microsoft.AspNetCore.Builder;

namespace Beamline.Server.Tests.Hosting;

public sealed class BeamlineServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AServer_WithNothingConfigured_IsAClusterOnLoopback()
    {
        // Servers of other tests may run beside this one.
        await using WebApplication server = BeamlineServer.Build(
            ["--urls", "http://127.0.0.1:0", "--Beamline:Workers:ExclusiveDevices", "false"]);
        await BeamlineServer.CheckAsync(server.Services, Token);
        await server.StartAsync(Token);
        using HttpClient http = new() { BaseAddress = new(server.Urls.Single()) };
        (await http.GetAsync(HealthEndpoints.Live, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await server.StopAsync(Token);
    }

    [Fact]
    public async Task ASilosPort_ThatIsTaken_IsRefusedBeforeTheStart()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using WebApplication server = BeamlineServer.Build(["--Beamline:Cluster:SiloPort", $"{port}"]);
        StartException refusal = await Should.ThrowAsync<StartException>(() => BeamlineServer.CheckAsync(server.Services, Token));
        refusal.Lines.ShouldBe(
            [$"Beamline:Cluster:SiloPort is {port}, which another process listens on; allowed: a free port, or 0 for any"]);
    }

    [Fact]
    public async Task BothPortsOfASilo_ThatAreTaken_AreNamedAtOnce()
    {
        using TcpListener one = new(IPAddress.Loopback, 0), other = new(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        int silo = ((IPEndPoint)one.LocalEndpoint).Port, gateway = ((IPEndPoint)other.LocalEndpoint).Port;
        await using WebApplication server = BeamlineServer.Build(
            ["--Beamline:Cluster:SiloPort", $"{silo}", "--Beamline:Cluster:GatewayPort", $"{gateway}"]);
        StartException refusal = await Should.ThrowAsync<StartException>(() => BeamlineServer.CheckAsync(server.Services, Token));
        refusal.Lines.ShouldBe(
        [
            $"Beamline:Cluster:SiloPort is {silo}, which another process listens on; allowed: a free port, or 0 for any",
            $"Beamline:Cluster:GatewayPort is {gateway}, which another process listens on; allowed: a free port, or 0 for any",
        ]);
    }

    [Fact]
    public async Task TheHttpPort_ThatIsTaken_IsSaidInOneLine()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using StringWriter errors = new() { NewLine = "\n" };
        int code = await ProcessHost.RunAsync(
            "beamline",
            () => BeamlineServer.Build(["--urls", $"http://127.0.0.1:{port}", "--Beamline:Workers:Enabled", "false"]),
            errors,
            BeamlineServer.CheckAsync,
            Token);
        (code, errors.ToString()).ShouldBe((
            ExitCode.CallersFault,
            $"beamline: Failed to bind to address http://127.0.0.1:{port}: address already in use. Set another one with --urls.\n"));
    }

    [Theory]
    [InlineData("--Beamline:Cluster:PrimarySilo", "no silo answered there within 00:00:01")]
    [InlineData("--Beamline:Cluster:ConnectionString", "no server answered there within 00:00:01")]
    public async Task AStart_WhoseClusterIsNotThere_IsRefusedInTime(string setting, string expected)
    {
        string nobody = $"127.0.0.1:{FreePort.On(IPAddress.Loopback)}";
        string provider = setting.EndsWith("String", StringComparison.Ordinal) ? "Redis" : "Localhost";
        await using WebApplication server = BeamlineServer.Build(
            [setting, nobody, "--Beamline:Cluster:Provider", provider, "--Beamline:Cluster:StartTimeout", "00:00:01"]);
        StartException refusal = await Should.ThrowAsync<StartException>(() => BeamlineServer.CheckAsync(server.Services, Token));
        string line = refusal.Lines.ShouldHaveSingleItem();
        line.ShouldContain(nobody);
        line.ShouldContain(expected);
    }
}
