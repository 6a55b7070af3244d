using System.Net;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>Clusters whose table, state and reminders are in Redis itself; most other tests have them in the embedded store.</summary>
public sealed class RedisTests
{
    [Fact]
    public async Task TheOnlySiloKilled_ANewOneFinishesTheRequest_SameEvents()
    {
        if (RedisServer.Missing is { } reason) Assert.Skip(reason);
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using RedisServer redis = await RedisServer.StartAsync(FreePort.On(IPAddress.Loopback), limit.Token);
        await LostRequest.FinishAsync(SettingsOf(redis.ConnectionString), limit.Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=wrong")]
    public async Task AServerThatRefusesThePassword_IsSaidInOneLine(string password)
    {
        if (RedisServer.Missing is { } reason) Assert.Skip(reason);
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        await using RedisServer redis = await RedisServer.StartAsync(FreePort.On(IPAddress.Loopback), limit.Token);
        await using TestProcess process = TestProcess.Start(
            typeof(BeamlineServer),
            [
                "--urls", "http://127.0.0.1:0",
                .. SettingsOf(redis.Address + password).SelectMany(pair => new[] { $"--{pair.Key}", pair.Value }),
            ]);
        await process.Exited.WaitAsync(limit.Token);
        process.ExitCode.ShouldBe(ExitCode.CallersFault, process.Output);
        process.Output.ShouldBe(
            $"beamline: Beamline:Cluster:ConnectionString names {redis.Address}, but the server there refuses its user or password");
    }

    private static Dictionary<string, string> SettingsOf(string connectionString) => new()
    {
        ["Beamline:Cluster:Provider"] = "Redis", ["Beamline:Cluster:ConnectionString"] = connectionString,
    };
}
