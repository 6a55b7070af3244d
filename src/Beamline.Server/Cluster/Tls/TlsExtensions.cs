using Beamline.Server.Cluster.Settings;
using Orleans.Connections.Security;

namespace Beamline.Server.Cluster.Tls;

/// <summary>Puts TLS under Orleans' connections.</summary>
internal static class TlsExtensions
{
    /// <summary>Encrypts what a silo sends to and receives from silos and gateways.</summary>
    public static void AddTls(this ISiloBuilder silo, TlsSettings settings)
    {
        if (!IsUsable(settings, hasSilo: true)) return;
        silo.UseTls(options =>
        {
            Apply(options, settings);
            if (!settings.RequireClientCertificate) options.RemoteCertificateMode = RemoteCertificateMode.AllowCertificate;
        });
    }

    /// <summary>Encrypts what a process without a silo sends to and receives from silos.</summary>
    public static void AddTls(this IClientBuilder client, TlsSettings settings)
    {
        if (IsUsable(settings, hasSilo: false)) client.UseTls(options => Apply(options, settings));
    }

    // Files that cannot be read are refused by name when the host starts; here they would only be a stack trace.
    private static bool IsUsable(TlsSettings settings, bool hasSilo) => settings.IsOn && !TlsRules.FindFaults(settings, hasSilo).Any();

    private static void Apply(TlsOptions options, TlsSettings settings)
    {
        options.LocalCertificate = settings.HasCertificate ? TlsCertificates.Load(settings) : null;
        options.ClientCertificateMode =
            settings.HasCertificate ? RemoteCertificateMode.RequireCertificate : RemoteCertificateMode.AllowCertificate;
        // Of the silos that it connects to, every process wants to see one.
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = TlsCertificates.ValidatorOf(settings);
        // The name that the certificate is asked for plays no part: the validator compares it with the list.
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = "beamline";
    }
}
