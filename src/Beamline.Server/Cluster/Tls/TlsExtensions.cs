using Orleans.Connections.Security;

namespace Beamline.Server.Cluster.Tls;

/// <summary>Puts TLS under Orleans' connections.</summary>
internal static class TlsExtensions
{
    /// <summary>Encrypts what a silo sends to and receives from silos and gateways.</summary>
    public static void AddTls(this ISiloBuilder silo, TlsSettings settings)
    {
        if (IsUsable(settings)) silo.UseTls(options => Apply(options, settings));
    }

    /// <summary>Encrypts what a process without a silo sends to and receives from silos.</summary>
    public static void AddTls(this IClientBuilder client, TlsSettings settings)
    {
        if (IsUsable(settings)) client.UseTls(options => Apply(options, settings));
    }

    // Files that cannot be read are refused by name when the host starts; here they would only be a stack trace.
    private static bool IsUsable(TlsSettings settings) => settings.IsOn && !TlsRules.FindFaults(settings).Any();

    private static void Apply(TlsOptions options, TlsSettings settings)
    {
        options.LocalCertificate = TlsCertificates.Load(settings);
        options.RemoteCertificateMode = settings.RequireClientCertificate
            ? RemoteCertificateMode.RequireCertificate
            : RemoteCertificateMode.AllowCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = TlsCertificates.ValidatorOf(settings);
        // The name that the certificate is asked for plays no part: the validator compares it with the list.
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "beamline";
    }
}
