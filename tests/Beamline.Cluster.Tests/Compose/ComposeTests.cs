using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;
using Microsoft.AspNetCore.Builder;

namespace Beamline.Cluster.Tests.Compose;

/// <summary>No container runs here; what can be checked without one is that the file agrees with the program and with itself.</summary>
public sealed class ComposeTests
{
    private static readonly ComposeFile Compose = new();

    public static TheoryData<string> Servers => [.. Compose.Services.Where(service => service != "redis")];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task AServersSettings_ExistAndAreSound(string service)
    {
        Dictionary<string, string?> environment = Compose.EnvironmentOf(service);
        environment.Keys.Where(name => name.StartsWith("Beamline__", StringComparison.Ordinal)).ShouldNotBeEmpty();
        await using WebApplication server = BeamlineServer.Build(
            [.. environment.SelectMany(pair => new[] { $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}", pair.Value! })]);
        ProcessHost.CheckSettings(server.Services);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void AServer_FindsTheStore_AndIsInItsNetwork(string service)
    {
        string[] store = Compose.EnvironmentOf(service)["Beamline__Cluster__ConnectionString"]!.Split(':');
        Compose.Services.ShouldContain(store[0]);
        store[1].ShouldBe("6379");
        Compose.ListOf(service, "depends_on").ShouldBe([store[0]]);
        Compose.ListOf(service, "networks").ShouldBe(Compose.ListOf(store[0], "networks"));
    }

    [Fact]
    public void Services_AreThoseOfTheAppHost() => Compose.Services.ShouldBe(["redis", "worker1", "worker2", "gateway"]);

    [Fact]
    public void OnlyTheGateway_IsReachable_FromThisMachineOnly_WhereItListens()
    {
        Compose.Services.Where(service => Compose.ListOf(service, "ports").Length > 0).ShouldBe(["gateway"]);
        string[] port = Compose.ListOf("gateway", "ports").ShouldHaveSingleItem().Split(':');
        port[0].ShouldBe("127.0.0.1");
        Compose.EnvironmentOf("gateway")["ASPNETCORE_URLS"].ShouldEndWith($":{port[2]}");
    }

    [Fact]
    public void Volumes_AndNetworks_AreDeclaredAndUsed()
    {
        Compose.Services.SelectMany(service => Compose.ListOf(service, "volumes")).Select(volume => volume.Split(':')[0])
            .ShouldBe(Compose.Volumes, ignoreOrder: true);
        Compose.Services.SelectMany(service => Compose.ListOf(service, "networks")).Distinct().ShouldBe(Compose.Networks);
    }

    [Fact]
    public void TheImagesCache_IsTheVolumesPlace()
    {
        const string variable = "Beamline__Cache__CacheFolder=";
        string line = File.ReadLines(Repository.File("Dockerfile")).Single(line => line.Contains(variable, StringComparison.Ordinal));
        string folder = line[(line.IndexOf(variable, StringComparison.Ordinal) + variable.Length)..];
        foreach (string worker in new[] { "worker1", "worker2" })
        {
            Compose.ListOf(worker, "volumes").Select(volume => volume.Split(':')[1]).ShouldBe([folder]);
        }
    }
}
