using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Settings;

namespace Beamline.Server.Cluster.Tls;

/// <summary>Rules of <see cref="TlsSettings"/>: that its files are there and hold what they should.</summary>
internal static class TlsRules
{
    /// <summary>Everything that is wrong.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="hasSilo">Whether the process is a silo: others connect to it.</param>
    public static IEnumerable<SettingFault> FindFaults(TlsSettings settings, bool hasSilo)
    {
        if (!settings.HasCertificate && (hasSilo || !settings.IsOn))
        {
            if (settings.Password is null && settings.AuthoritiesFile is null && settings.AllowedNames.Count == 0) yield break;
            yield return new(Name(nameof(settings.CertificateFile)), "is not set, but other settings of TLS are; allowed: a PKCS#12 file");
            yield break;
        }
        // Neither file's content nor the password is shown.
        if (settings.HasCertificate && ProblemOf(() => TlsCertificates.Load(settings)) is { } certificate)
        {
            yield return new(Name(nameof(settings.CertificateFile)), $"is '{settings.CertificateFile}': {certificate}");
        }
        if (settings.AuthoritiesFile is { } file && ProblemOf(() => TlsCertificates.LoadAuthorities(settings)) is { } authorities)
        {
            yield return new(Name(nameof(settings.AuthoritiesFile)), $"is '{file}': {authorities}");
        }
    }

    private static string? ProblemOf(Action load)
    {
        try
        {
            load();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    private static string Name(string property) => ClusterSettings.Name($"{nameof(ClusterSettings.Tls)}:{property}");
}
