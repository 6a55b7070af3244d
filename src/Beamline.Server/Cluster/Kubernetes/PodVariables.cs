using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beamline.Server.Cluster.Settings;
using k8s;
using k8s.Authentication;

namespace Beamline.Server.Cluster.Kubernetes;

/// <summary>What a pod is told of itself, in environment variables; null is not set.</summary>
/// <param name="Name">The pod's name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Address">Its IP address.</param>
/// <param name="ApiHost">Where the Kubernetes API is.</param>
/// <param name="ApiPort">Its port.</param>
internal sealed record PodVariables(string? Name, string? Namespace, string? Address, string? ApiHost, string? ApiPort)
{
    /// <summary>The variables, in the order of the properties.</summary>
    public const string NameVariable = "POD_NAME", NamespaceVariable = "POD_NAMESPACE", AddressVariable = "POD_IP",
        ApiHostVariable = "KUBERNETES_SERVICE_HOST", ApiPortVariable = "KUBERNETES_SERVICE_PORT";

    /// <summary>The address, where it is one.</summary>
    public IPAddress? ParsedAddress => IPAddress.TryParse(Address, out IPAddress? address) ? address : null;

    /// <summary>Those of this process.</summary>
    public static PodVariables OfProcess() => Of(Environment.GetEnvironmentVariable);

    /// <summary>Those that a function gives.</summary>
    public static PodVariables Of(Func<string, string?> read)
    {
        return new(Read(NameVariable), Read(NamespaceVariable), Read(AddressVariable), Read(ApiHostVariable), Read(ApiPortVariable));

        string? Read(string name) => read(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
    }

    /// <summary>How to reach the Kubernetes API as the pod's service account. All variables are set.</summary>
    /// <exception cref="CryptographicException">The account's file of authorities cannot be read.</exception>
    public KubernetesClientConfiguration Connect(KubernetesSettings settings)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(Path.Combine(settings.ServiceAccountFolder, KubernetesSettings.AuthoritiesFile));
        return new()
        {
            Host = new UriBuilder(Uri.UriSchemeHttps, ApiHost, int.Parse(ApiPort!, null)).Uri.ToString(),
            Namespace = Namespace,
            // Read again while the process runs: tokens are renewed.
            TokenProvider = new TokenFileAuth(Path.Combine(settings.ServiceAccountFolder, KubernetesSettings.TokenFile)),
            SslCaCerts = authorities,
        };
    }
}
