using System.Net;
using System.Security.Authentication;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Orleans.Hosting.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using ApiClient = k8s.Kubernetes;

namespace Beamline.Server.Cluster.Kubernetes;

/// <summary>
/// Asks the Kubernetes API, before a silo starts, whether it may do what it will do. Without the rights Orleans would ask again and again
/// and the start would never end.
/// </summary>
internal static class KubernetesCheck
{
    /// <summary>What the service account must be allowed to do with the pods of its namespace, and nothing else.</summary>
    public static readonly string[] Verbs = ["get", "list", "watch"];

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Checks rights and labels; <paramref name="cancellationToken"/> ends the wait for the API.</summary>
    /// <exception cref="StartException">Something has to be changed first.</exception>
    public static async Task RunAsync(ClusterSettings settings, PodVariables pod, CancellationToken cancellationToken)
    {
        using ApiClient api = new(pod.Connect(settings.Kubernetes));
        while (true)
        {
            try
            {
                List<string> lines = [];
                foreach (string verb in Verbs)
                {
                    if (await MayAsync(api, pod, verb, cancellationToken)) continue;
                    lines.Add($"The pod's service account may not {verb} pods in namespace '{pod.Namespace}'; allowed: an account whose "
                        + $"role has {string.Join(", ", Verbs)}, as in deploy/kubernetes/access.yaml");
                }
                if (lines.Count == 0) lines.AddRange(await FindLabelFaultsAsync(api, settings, pod, cancellationToken));
                if (lines.Count > 0) throw new StartException(lines);
                return;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Unauthorized)
            {
                throw new StartException(
                    [$"The Kubernetes API at {api.BaseUri} refuses the token in {settings.Kubernetes.ServiceAccountFolder}"], e);
            }
            catch (Exception e) when (e is HttpRequestException or HttpOperationException or OperationCanceledException)
            {
                if (cancellationToken.IsCancellationRequested || e.InnerException is AuthenticationException)
                {
                    throw new StartException(
                        [$"The Kubernetes API at {api.BaseUri} has not answered as it should within {settings.StartTimeout}: "
                            + e.GetBaseException().Message.ReplaceLineEndings(" ")],
                        e);
                }
                await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task<bool> MayAsync(ApiClient api, PodVariables pod, string verb, CancellationToken cancellationToken)
    {
        V1SelfSubjectAccessReview question = new()
        {
            Spec = new() { ResourceAttributes = new() { NamespaceProperty = pod.Namespace, Resource = "pods", Verb = verb } },
        };
        V1SelfSubjectAccessReview answer =
            await api.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(question, cancellationToken: cancellationToken);
        return answer.Status.Allowed;
    }

    // Orleans finds the pods of the cluster by these; it would write them itself, which needs the right to change pods.
    private static async Task<IEnumerable<string>> FindLabelFaultsAsync(
        ApiClient api, ClusterSettings settings, PodVariables pod, CancellationToken cancellationToken)
    {
        V1Pod found;
        try
        {
            found = await api.CoreV1.ReadNamespacedPodAsync(pod.Name, pod.Namespace, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return [$"{PodVariables.NameVariable} is '{pod.Name}', but namespace '{pod.Namespace}' has no such pod"];
        }
        return new[]
        {
            (Label: KubernetesHostingOptions.ClusterIdLabel, Setting: nameof(settings.ClusterId), Id: settings.ClusterId),
            (Label: KubernetesHostingOptions.ServiceIdLabel, Setting: nameof(settings.ServiceId), Id: settings.ServiceId),
        }.Select(wanted => (wanted, Value: found.GetLabel(wanted.Label))).Where(pair => pair.Value != pair.wanted.Id).Select(pair =>
            $"Label {pair.wanted.Label} of pod '{pod.Name}' is {(pair.Value is null ? "not set" : $"'{pair.Value}'")}; "
            + $"allowed: '{pair.wanted.Id}', which {ClusterSettings.Name(pair.wanted.Setting)} is");
    }
}
