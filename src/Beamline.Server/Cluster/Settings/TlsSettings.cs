namespace Beamline.Server.Cluster.Settings;

/// <summary>
/// TLS between silos, and between silos and gateways. The same on all processes of a cluster: one without it is not understood.
/// </summary>
public sealed class TlsSettings
{
    /// <summary>
    /// A PKCS#12 file (<c>.pfx</c>) with this process' certificate and private key. Not set, the default: no TLS. Usable for servers and
    /// for clients, since each silo is both. A gateway may go without one where <see cref="RequireClientCertificate"/> is false; then
    /// <see cref="AuthoritiesFile"/> says that there is TLS.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>The file's password; not set when it has none.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// A PEM file with the authorities whose certificates are accepted. Not set: those the machine trusts.
    /// </summary>
    public string? AuthoritiesFile { get; set; }

    /// <summary>
    /// Whether who connects must show a certificate too. Default true; without it whoever reaches a silo's ports is let in, and silos still
    /// show theirs. The same on all processes of a cluster.
    /// </summary>
    public bool RequireClientCertificate { get; set; } = true;

    /// <summary>
    /// Names, each a certificate's DNS name, that others may have. None, the default: any name that an accepted authority gave.
    /// </summary>
    public IList<string> AllowedNames { get; } = [];

    /// <summary>Whether this process has a certificate to show.</summary>
    internal bool HasCertificate => !string.IsNullOrEmpty(CertificateFile);

    /// <summary>Whether traffic is encrypted.</summary>
    internal bool IsOn => HasCertificate || (!RequireClientCertificate && AuthoritiesFile is not null);
}
