using System.Net.Http.Json;
using System.Text.Json;
using Beamline.Abstractions.Contracts;
using Beamline.Cluster.Tests.Failover;
using Beamline.Cluster.Tests.Processes;
using Beamline.ServiceDefaults.Processes;

namespace Beamline.Cluster.Tests.Contracts;

/// <summary>Of two versions of the contracts only one is in a cluster.</summary>
public sealed class ContractsTests
{
    [Theory]
    [InlineData("silo2")]
    [InlineData("gateway")]
    public async Task AProcessOfAnotherVersion_IsRefusedInOneLine_AndTheClusterWorksOn(string name)
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync(["silo1"], limit.Token);
        await using OtherBuild other = OtherBuild.Run(cluster.SettingsOf(name));
        (await other.Ended.WaitAsync(limit.Token)).ShouldBe(ExitCode.CallersFault, other.Errors);
        other.Errors.ShouldMatch(
            $"^beamline: This build has version {OtherBuild.Version} of the contracts, the silo at 127\\.0\\.0\\.1:[0-9]+ of cluster "
            + $"'beamline' has {ContractsFingerprint.Value}; stop the cluster's silos and gateways first, or set another "
            + "Beamline:Cluster:ClusterId\n$");
        other.Alarms.ShouldBeEmpty();

        JsonElement status = await cluster["silo1"].Http.GetFromJsonAsync<JsonElement>("/v1/cluster", limit.Token);
        status.GetProperty("silos").EnumerateArray().Where(silo => silo.GetProperty("state").GetString() == "active")
            .Select(silo => silo.GetProperty("name").GetString()).ShouldBe(["silo1"]);
        JsonElement story = await cluster["silo1"].CompleteAsync(
            new { prompt = "Once upon a time", max_tokens = 4, return_token_ids = true }, limit.Token);
        story.GetProperty("token_ids").GetArrayLength().ShouldBe(4);
    }

    [Fact]
    public async Task AGateway_WhoseSilosAreReplacedByAnotherVersion_EndsWithTheSameLine()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using StoreCluster cluster = await StoreCluster.StartAsync([], limit.Token);
        await using OtherBuild silo = OtherBuild.Run(cluster.SettingsOf("silo0"));
        await silo.StartedAsync(limit.Token);
        await using OtherBuild gateway = OtherBuild.Run(cluster.SettingsOf("gateway"));
        await gateway.StartedAsync(limit.Token);

        await silo.DisposeAsync();
        await cluster.StartAsync("silo1", limit.Token);
        (await gateway.Ended.WaitAsync(limit.Token)).ShouldBe(ExitCode.CallersFault, gateway.Errors);
        gateway.Errors.ShouldStartWith($"beamline: This build has version {OtherBuild.Version} of the contracts, ");
        gateway.Errors.Count(c => c == '\n').ShouldBe(1);
    }
}
