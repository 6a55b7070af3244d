using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Settings;

namespace Beamline.Server.Cluster.Kubernetes;

/// <summary>Rules of <see cref="KubernetesSettings"/>: what a pod must have been given.</summary>
internal static class KubernetesRules
{
    private static readonly string[] AccountFiles = [KubernetesSettings.TokenFile, KubernetesSettings.AuthoritiesFile];

    /// <summary>Everything that is wrong; nothing when the process is no silo in a pod.</summary>
    public static IEnumerable<SettingFault> FindFaults(ClusterSettings settings, ClusterProvider provider, PodVariables pod)
    {
        if (!settings.Kubernetes.Enabled || !settings.HasSilo) return [];
        return [.. FindStoreFaults(settings, provider), .. FindNameFaults(settings, pod), .. FindAccountFaults(settings.Kubernetes, pod)];
    }

    private static IEnumerable<SettingFault> FindStoreFaults(ClusterSettings settings, ClusterProvider provider)
    {
        if (provider is not (ClusterProvider.Redis or ClusterProvider.Postgres))
        {
            yield return SettingFault.NotAllowed(
                ClusterSettings.Name(nameof(settings.Provider)), provider, "Redis, Postgres, where pods find each other");
        }
        foreach ((string name, string id) in new[]
        {
            (nameof(settings.ClusterId), settings.ClusterId), (nameof(settings.ServiceId), settings.ServiceId),
        })
        {
            if (!id.StartsWith('-') && !id.EndsWith('-')) continue;
            yield return SettingFault.NotAllowed(
                ClusterSettings.Name(name), id, "a letter or digit first and last, as it is a label of the pods");
        }
    }

    private static IEnumerable<SettingFault> FindNameFaults(ClusterSettings settings, PodVariables pod)
    {
        if (pod.Name is null) yield return NotSet(PodVariables.NameVariable, "the pod's name, from the field metadata.name");
        else if (settings.SiloName is { } name && name != pod.Name)
        {
            yield return SettingFault.NotAllowed(ClusterSettings.Name(nameof(settings.SiloName)), name, $"the pod's name '{pod.Name}'");
        }
        if (pod.Namespace is null)
        {
            yield return NotSet(PodVariables.NamespaceVariable, "the pod's namespace, from the field metadata.namespace");
        }
        const string form = "the pod's IP address, from the field status.podIP";
        if (pod.Address is null) yield return NotSet(PodVariables.AddressVariable, form);
        else if (pod.ParsedAddress is null) yield return SettingFault.NotAllowed(PodVariables.AddressVariable, pod.Address, form);
    }

    private static IEnumerable<SettingFault> FindAccountFaults(KubernetesSettings settings, PodVariables pod)
    {
        const string api = "what Kubernetes gives to every pod";
        if (pod.ApiHost is null) yield return NotSet(PodVariables.ApiHostVariable, api);
        if (pod.ApiPort is null) yield return NotSet(PodVariables.ApiPortVariable, api);
        else if (!ushort.TryParse(pod.ApiPort, out ushort port) || port == 0)
        {
            yield return SettingFault.NotAllowed(PodVariables.ApiPortVariable, pod.ApiPort, "1 to 65535");
        }
        string[] missing = [.. AccountFiles.Where(file => !File.Exists(Path.Combine(settings.ServiceAccountFolder, file)))];
        if (missing.Length == 0) yield break;
        yield return new(
            ClusterSettings.Name($"{nameof(ClusterSettings.Kubernetes)}:{nameof(settings.ServiceAccountFolder)}"),
            $"is '{settings.ServiceAccountFolder}', where {string.Join(" and ", missing)} cannot be read; "
                + "allowed: the service account's folder, which a pod has with automountServiceAccountToken");
    }

    private static SettingFault NotSet(string variable, string allowed) => SettingFault.NotAllowed(variable, null, allowed);
}
