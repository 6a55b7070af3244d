using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>A device has one owner.</summary>
public sealed class DeviceTests
{
    [Fact]
    public async Task ASecondProcessOnADevice_IsRefusedInOneLine_UntilTheFirstIsGone()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        using TemporaryFolder cache = new();
        Dictionary<string, string> alone = new()
        {
            ["Beamline:Workers:ExclusiveDevices"] = "true", ["Beamline:Cache:CacheFolder"] = cache.Path,
        };
        await using ServerProcess first = await ServerProcess.StartAsync(alone, limit.Token);

        await using TestProcess second = TestProcess.Start(
            typeof(BeamlineServer), ["--urls", "http://127.0.0.1:0", .. alone.SelectMany(pair => new[] { $"--{pair.Key}", pair.Value })]);
        await second.Exited.WaitAsync(limit.Token);
        second.ExitCode.ShouldBe(ExitCode.CallersFault, second.Output);
        second.Output.Split(Environment.NewLine).ShouldContain(
            $"beamline: Beamline:Workers:Devices has 'cpu:0', which process {first.Process.Id} holds; "
            + "allowed: a device that no other process of this machine has");

        await first.Process.KillAsync();
        await using ServerProcess third = await ServerProcess.StartAsync(alone, limit.Token);
        await third.ReadyAsync(limit.Token);
    }
}
