using Beamline.Server.Cluster.Settings;
using Orleans.Configuration;
using Orleans.Hosting.Kubernetes;

namespace Beamline.Server.Cluster.Kubernetes;

/// <summary>Ties a silo to its pod.</summary>
internal static class KubernetesExtensions
{
    /// <summary>
    /// Two silos of the cluster watch its pods, and declare dead what was deleted; pods are never deleted from here.
    /// </summary>
    public static void AddKubernetes(this ISiloBuilder silo, ClusterSettings settings, PodVariables pod)
    {
        silo.UseKubernetesHosting(options => options.Configure(kubernetes => Apply(kubernetes, settings, pod)));
        // Orleans has variables of its own for these; what our settings say, and the labels were compared with, holds.
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, settings.ServiceId));
    }

    private static void Apply(KubernetesHostingOptions options, ClusterSettings settings, PodVariables pod)
    {
        options.GetClientConfiguration = () => pod.Connect(settings.Kubernetes);
        options.DeleteDefunctSiloPods = false;
    }
}
