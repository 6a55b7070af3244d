namespace Beamline.Server.Cluster.Settings;

/// <summary>
/// Running as a pod. Kubernetes says who a silo is and which silos are gone for good; where silos find each other is still a store, which
/// <see cref="ClusterSettings.Provider"/> names. Processes of role Gateway need none of it.
/// </summary>
public sealed class KubernetesSettings
{
    /// <summary>Names of files in <see cref="ServiceAccountFolder"/>.</summary>
    internal const string TokenFile = "token", AuthoritiesFile = "ca.crt";

    /// <summary>
    /// Whether the silo is a pod: its name and address are the pod's, and silos whose pods were deleted are declared dead at once.
    /// Default false.
    /// </summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// The folder with the service account's <c>token</c> and <c>ca.crt</c>. Default where Kubernetes mounts it.
    /// </summary>
    public string ServiceAccountFolder { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount";
}
