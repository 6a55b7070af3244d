using System.Net.Http.Json;
using System.Text.Json;
using Beamline.Cluster.Tests.Failover;
using Beamline.Cluster.Tests.Processes;
using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Kubernetes;

/// <summary>
/// Silos that are told they are pods, over the embedded store and a stand-in for the Kubernetes API. No cluster runs here.
/// </summary>
public sealed class PodTests
{
    [Fact]
    public async Task ASilo_HasThePodsNameAndAddress_UsesOnlyTheRoleItIsGiven_AndWatchesThePods()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using FakePods pods = await FakePods.StartAsync(KubernetesCheck.Verbs, limit.Token);
        await using StoreCluster cluster = await StoreCluster.StartAsync([], limit.Token);
        pods.Set("worker-0");
        await using ServerProcess silo = await StartAsync(cluster, pods, "worker-0", limit.Token);
        JsonElement entry = (await SilosAsync(silo, limit.Token)).ShouldHaveSingleItem();
        entry.GetProperty("name").GetString().ShouldBe("worker-0");
        entry.GetProperty("address").GetString().ShouldStartWith("127.0.0.1:");
        await pods.Watched.WaitAsync(limit.Token);
        pods.Used.Distinct().Order().ShouldBe(KubernetesCheck.Verbs);
    }

    [Fact]
    public async Task ASilo_WhosePodIsGone_IsDeclaredDeadByTheNextOne_WithoutProbes()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using FakePods pods = await FakePods.StartAsync(KubernetesCheck.Verbs, limit.Token);
        await using StoreCluster cluster = await StoreCluster.StartAsync([], limit.Token);
        pods.Set("worker-0");
        await using ServerProcess first = await StartAsync(cluster, pods, "worker-0", limit.Token);
        await first.Process.KillAsync();
        pods.Remove("worker-0");
        pods.Set("worker-1");
        await using ServerProcess second = await StartAsync(cluster, pods, "worker-1", limit.Token);
        await second.Process.LineAsync(
            line => line.Contains("does not correspond to any known pod", StringComparison.Ordinal), limit.Token);
        (await SilosAsync(second, limit.Token)).Where(silo => silo.GetProperty("state").GetString() == "active")
            .ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("worker-1");
    }

    [Fact]
    public async Task ASilo_ThatMayNotLookAtPods_IsRefused_ALineARight()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using FakePods pods = await FakePods.StartAsync(["get"], limit.Token);
        pods.Set("worker-0");
        (await RefusalAsync(pods, "worker-0", limit.Token)).ShouldBe(
            [.. new[] { "list", "watch" }.Select(verb =>
                $"beamline: The pod's service account may not {verb} pods in namespace 'stories'; allowed: an account whose role has "
                + "get, list, watch, as in deploy/kubernetes/access.yaml")]);
    }

    [Fact]
    public async Task ASilo_WhosePodHasOtherLabels_OrIsNotThere_IsRefused()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using FakePods pods = await FakePods.StartAsync(KubernetesCheck.Verbs, limit.Token);
        pods.Set("worker-0", clusterId: "other", serviceId: "others");
        (await RefusalAsync(pods, "worker-0", limit.Token)).ShouldBe(
            [
                "beamline: Label orleans/clusterId of pod 'worker-0' is 'other'; allowed: 'beamline', which Beamline:Cluster:ClusterId is",
                "beamline: Label orleans/serviceId of pod 'worker-0' is 'others'; allowed: 'beamline', which Beamline:Cluster:ServiceId is",
            ]);
        (await RefusalAsync(pods, "worker-1", limit.Token)).ShouldBe(
            ["beamline: POD_NAME is 'worker-1', but namespace 'stories' has no such pod"]);
    }

    private static Task<ServerProcess> StartAsync(StoreCluster cluster, FakePods pods, string name, CancellationToken cancellationToken)
    {
        Dictionary<string, string> settings = cluster.SettingsOf(name);
        settings.Remove("Beamline:Cluster:SiloName");
        settings.Remove("Beamline:Cluster:Address");
        settings["Beamline:Workers:Enabled"] = "false";
        settings["Beamline:Cluster:Detection:MissedProbes"] = "100";        // only the pods tell who is gone
        return ServerProcess.StartAsync(settings, cancellationToken, pods.EnvironmentOf(name));
    }

    private static async Task<JsonElement[]> SilosAsync(ServerProcess silo, CancellationToken cancellationToken) =>
        [.. (await silo.Http.GetFromJsonAsync<JsonElement>("/v1/cluster", cancellationToken)).GetProperty("silos").EnumerateArray()];

    // The store is not asked: who has no rights is refused before.
    private static async Task<string[]> RefusalAsync(FakePods pods, string name, CancellationToken cancellationToken)
    {
        await using TestProcess process = TestProcess.Start(
            typeof(BeamlineServer),
            [
                "--urls", "http://127.0.0.1:0", "--Beamline:Workers:Enabled", "false",
                "--Beamline:Cluster:Provider", "Redis", "--Beamline:Cluster:ConnectionString", "127.0.0.1:1",
            ],
            pods.EnvironmentOf(name));
        await process.Exited.WaitAsync(cancellationToken);
        process.ExitCode.ShouldBe(ExitCode.CallersFault, process.Output);
        return process.Output.Split(Environment.NewLine);
    }
}
