using System.Net;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Beamline.Store;
using Beamline.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>A silo looks at its clock before it judges others by theirs.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task ASilo_WhoseClockIsAMinuteFromTheStores_IsRefusedInOneLine()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        int port = FreePort.On(IPAddress.Loopback);
        using TemporaryFolder data = new();
        await using ServerProcess store = await ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Beamline:Store:Port"] = $"{port}", ["Beamline:Store:DataFolder"] = data.Path },
            limit.Token,
            program: typeof(StoreProcess));

        (await RefusalOf(port, TimeSpan.Zero, limit.Token)).ShouldBeNull();
        foreach ((int seconds, string direction) in new[] { (60, "ahead of"), (-60, "behind") })
        {
            (await RefusalOf(port, TimeSpan.FromSeconds(seconds), limit.Token))!.Lines.ShouldHaveSingleItem().ShouldMatch(
                $"^This machine's clock is 00:0[01]:[0-9]{{2}} {direction} the store's; allowed: 00:00:04. Set the clocks right$");
        }
    }

    private static async Task<StartException?> RefusalOf(int port, TimeSpan apart, CancellationToken cancellationToken)
    {
        await using WebApplication server = BeamlineServer.Build(
            ["--Beamline:Cluster:Provider", "Redis", "--Beamline:Cluster:ConnectionString", $"127.0.0.1:{port}"],
            builder => builder.Services.AddSingleton<TimeProvider>(new OtherClock(apart)));
        try
        {
            await BeamlineServer.CheckAsync(server.Services, cancellationToken);
            return null;
        }
        catch (StartException refusal)
        {
            return refusal;
        }
    }

    private sealed class OtherClock(TimeSpan apart) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + apart;
    }
}
