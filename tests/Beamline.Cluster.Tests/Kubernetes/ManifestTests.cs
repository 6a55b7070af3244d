using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using YamlDotNet.RepresentationModel;

namespace Beamline.Cluster.Tests.Kubernetes;

/// <summary>No cluster runs here; what can be checked without one is that the files agree with the program and with each other.</summary>
public sealed class ManifestTests
{
    private const string Worker = "StatefulSet/beamline-worker", Gateway = "Deployment/beamline-gateway", Secret = "Secret/beamline-store";
    private const string Kubernetes = "Beamline__Cluster__Kubernetes__Enabled";
    private static readonly Manifests Files = new();

    public static TheoryData<string> Servers => [Worker, Gateway];

    [Fact]
    public void TheObjects_AreThese() => Files.Names.Order(StringComparer.Ordinal).ShouldBe(
    [
        Gateway, "PodDisruptionBudget/beamline-worker", "Role/beamline-worker", "RoleBinding/beamline-worker", Secret, "Service/beamline",
        "Service/beamline-worker", "ServiceAccount/beamline-worker", Worker,
    ]);

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task AServersSettings_ExistAndAreSound(string name)
    {
        YamlNode pod = PodOf(name);
        Dictionary<string, string> variables = Manifests.Environment(Manifests.At(pod, "spec/containers/0"));
        // That the process is a pod, and what only a pod has, is another test's.
        variables.Remove(Kubernetes).ShouldBe(name == Worker);
        await using WebApplication server = BeamlineServer.Build(
        [
            .. variables.SelectMany(
                pair => new[] { $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}", ValueOf(pair.Value, pod) }),
        ]);
        ProcessHost.CheckSettings(server.Services);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void AServer_IsAskedWhereItAnswers_AndHasTimeToStop(string name)
    {
        YamlNode spec = Manifests.At(PodOf(name), "spec"), container = Manifests.At(spec, "containers/0");
        Manifests.Text(container, "livenessProbe/httpGet/path").ShouldBe(HealthEndpoints.Live);
        Manifests.Text(container, "readinessProbe/httpGet/path").ShouldBe(HealthEndpoints.Ready);
        string http = Manifests.Text(container, "ports/0/containerPort");
        Manifests.Text(container, "ports/0/name").ShouldBe(Manifests.Text(container, "livenessProbe/httpGet/port"));
        Manifests.Environment(container)["ASPNETCORE_URLS"].ShouldEndWith($":{http}");
        TimeSpan.FromSeconds(int.Parse(Manifests.Text(spec, "terminationGracePeriodSeconds"), null))
            .ShouldBeGreaterThan(new HostOptions().ShutdownTimeout);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void AServer_FindsTheStoreInTheSecret_AndIsFoundByItsSelectors(string name)
    {
        YamlNode pod = PodOf(name);
        string[] connection =
            Manifests.Environment(Manifests.At(pod, "spec/containers/0"))["Beamline__Cluster__ConnectionString"].Split('/');
        Manifests.Text(Files.Find(Secret), "metadata/name").ShouldBe(connection[0]);
        Manifests.Text(Files.Find(Secret), $"stringData/{connection[1]}").ShouldNotBeEmpty();
        string label = Manifests.Text(pod, "metadata/labels/app");
        Manifests.Text(Files.Find(name), "spec/selector/matchLabels/app").ShouldBe(label);
        string service = name == Worker ? "Service/beamline-worker" : "Service/beamline";
        Manifests.Text(Files.Find(service), "spec/selector/app").ShouldBe(label);
    }

    [Fact]
    public void AWorker_IsToldWhatAPodIsToldOfItself_AndItsPortsAreItsSettings()
    {
        YamlNode container = Manifests.At(PodOf(Worker), "spec/containers/0");
        Dictionary<string, string> variables = Manifests.Environment(container);
        variables[PodVariables.NameVariable].ShouldBe("metadata.name");
        variables[PodVariables.NamespaceVariable].ShouldBe("metadata.namespace");
        variables[PodVariables.AddressVariable].ShouldBe("status.podIP");
        variables[Kubernetes].ShouldBe("true");
        variables["Beamline__Cluster__SiloPort"].ShouldBe(Manifests.Text(container, "ports/1/containerPort"));
        variables["Beamline__Cluster__GatewayPort"].ShouldBe(Manifests.Text(container, "ports/2/containerPort"));
    }

    [Fact]
    public void AWorkersRole_HasExactlyTheRightsThatASiloAsksFor()
    {
        YamlNode role = Files.Find("Role/beamline-worker"), binding = Files.Find("RoleBinding/beamline-worker");
        ((YamlSequenceNode)Manifests.At(role, "rules")).Children.ShouldHaveSingleItem();
        Manifests.List(role, "rules/0/resources").ShouldBe(["pods"]);
        Manifests.List(role, "rules/0/verbs").ShouldBe(KubernetesCheck.Verbs);
        Manifests.Text(binding, "roleRef/name").ShouldBe(Manifests.Text(role, "metadata/name"));
        string account = Manifests.Text(binding, "subjects/0/name");
        Manifests.Text(Files.Find($"ServiceAccount/{account}"), "metadata/name").ShouldBe(account);
        Manifests.Text(PodOf(Worker), "spec/serviceAccountName").ShouldBe(account);
        Manifests.Text(PodOf(Gateway), "spec/automountServiceAccountToken").ShouldBe("false");
    }

    private static YamlNode PodOf(string name) => Manifests.At(Files.Find(name), "spec/template");

    // A label's value, a secret's, or the value itself.
    private static string ValueOf(string value, YamlNode pod) =>
        value.StartsWith("metadata.labels['", StringComparison.Ordinal)
            ? Manifests.Text(pod, $"metadata/labels/{value.Split('\'')[1].Replace('/', '|')}")
            : value.StartsWith("beamline-store/", StringComparison.Ordinal)
                ? Manifests.Text(Files.Find(Secret), $"stringData/{value.Split('/')[1]}")
            : value;
}
