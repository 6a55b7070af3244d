using Beamline.Server.Cluster;
using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Cluster.Settings;
using Beamline.Testing;

namespace Beamline.Server.Tests.Cluster.Kubernetes;

public sealed class KubernetesRulesTests : IDisposable
{
    private static readonly PodVariables Pod = new("worker-0", "stories", "10.0.0.5", "10.96.0.1", "443");
    private readonly TemporaryFolder _account = new();

    public KubernetesRulesTests()
    {
        File.WriteAllText(_account.PathOf("token"), "of this test");
        File.WriteAllText(_account.PathOf("ca.crt"), "of this test");
    }

    public void Dispose() => _account.Dispose();

    [Fact]
    public void APod_ThatHasBeenGivenEverything_IsSound() => LinesOf(Settings(), Pod).ShouldBeEmpty();

    [Fact]
    public void WhatAPodMisses_IsSaidAtOnce() => LinesOf(
        new() { Kubernetes = { Enabled = true, ServiceAccountFolder = "/nowhere" } },
        PodVariables.Of(_ => " "),
        ClusterProvider.Localhost).ShouldBe(
        [
            "Beamline:Cluster:Provider is Localhost; allowed: Redis, Postgres, where pods find each other",
            "POD_NAME is not set; allowed: the pod's name, from the field metadata.name",
            "POD_NAMESPACE is not set; allowed: the pod's namespace, from the field metadata.namespace",
            "POD_IP is not set; allowed: the pod's IP address, from the field status.podIP",
            "KUBERNETES_SERVICE_HOST is not set; allowed: what Kubernetes gives to every pod",
            "KUBERNETES_SERVICE_PORT is not set; allowed: what Kubernetes gives to every pod",
            "Beamline:Cluster:Kubernetes:ServiceAccountFolder is '/nowhere', where token and ca.crt cannot be read; allowed: the service "
                + "account's folder, which a pod has with automountServiceAccountToken",
        ]);

    [Fact]
    public void ValuesThatDoNotFit_AreSaidAtOnce()
    {
        ClusterSettings settings = Settings();
        (settings.ClusterId, settings.ServiceId, settings.SiloName) = ("-a", "b-", "other");
        LinesOf(settings, Pod with { Address = "here", ApiPort = "0" }).ShouldBe(
        [
            "Beamline:Cluster:ClusterId is '-a'; allowed: a letter or digit first and last, as it is a label of the pods",
            "Beamline:Cluster:ServiceId is 'b-'; allowed: a letter or digit first and last, as it is a label of the pods",
            "Beamline:Cluster:SiloName is 'other'; allowed: the pod's name 'worker-0'",
            "POD_IP is 'here'; allowed: the pod's IP address, from the field status.podIP",
            "KUBERNETES_SERVICE_PORT is '0'; allowed: 1 to 65535",
        ]);
    }

    [Theory]
    [InlineData(false, ServerRole.Silo)]
    [InlineData(true, ServerRole.Gateway)]
    public void WhoIsNoSiloInAPod_NeedsNothing(bool enabled, ServerRole role) =>
        LinesOf(new() { Role = role, Kubernetes = { Enabled = enabled } }, PodVariables.Of(_ => null)).ShouldBeEmpty();

    [Fact]
    public void ThePodsAddress_IsTheSilos_UnlessAnotherIsSet()
    {
        PodVariables here = Pod with { Address = "127.0.0.1" };
        SiloEndpoints.Choose(Settings(), ClusterProvider.Redis, here).Address?.ToString().ShouldBe("127.0.0.1");
        ClusterSettings other = Settings();
        other.Address = "127.0.0.2";
        SiloEndpoints.Choose(other, ClusterProvider.Redis, here).Address?.ToString().ShouldBe("127.0.0.2");
    }

    private static string[] LinesOf(ClusterSettings settings, PodVariables pod, ClusterProvider provider = ClusterProvider.Redis) =>
        [.. KubernetesRules.FindFaults(settings, provider, pod).Select(fault => fault.ToString())];

    private ClusterSettings Settings() => new() { Kubernetes = { Enabled = true, ServiceAccountFolder = _account.Path } };
}
