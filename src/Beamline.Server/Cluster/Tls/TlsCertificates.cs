using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beamline.Server.Cluster.Settings;

namespace Beamline.Server.Cluster.Tls;

/// <summary>Reads certificates, and judges those of others.</summary>
internal static class TlsCertificates
{
    /// <summary>This process' certificate.</summary>
    /// <exception cref="CryptographicException">The password is wrong, or the file holds no certificate with a private key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static X509Certificate2 Load(TlsSettings settings)
    {
        byte[] file = File.ReadAllBytes(settings.CertificateFile!);
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(file, settings.Password);
        if (certificate.HasPrivateKey) return certificate;
        certificate.Dispose();
        throw new CryptographicException("It holds no private key.");
    }

    /// <summary>The authorities to accept; empty: those the machine trusts.</summary>
    /// <exception cref="CryptographicException">The file holds no certificate.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static X509Certificate2Collection LoadAuthorities(TlsSettings settings)
    {
        X509Certificate2Collection authorities = [];
        if (settings.AuthoritiesFile is null) return authorities;
        authorities.ImportFromPem(File.ReadAllText(settings.AuthoritiesFile));
        return authorities.Count > 0 ? authorities : throw new CryptographicException("It holds no certificate.");
    }

    /// <summary>Whether another process' certificate is accepted.</summary>
    /// <param name="certificate">What it showed.</param>
    /// <param name="authorities">As loaded.</param>
    /// <param name="names">Names it may have; none: any.</param>
    public static bool IsAccepted(X509Certificate2 certificate, X509Certificate2Collection authorities, IReadOnlyCollection<string> names)
    {
        using X509Chain chain = new();
        // Certificates of a cluster are seldom listed anywhere; who loses one gives the others a new authority.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (authorities.Count > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        // Silos are reached by address, so the name that counts is not that of the address but one of the list.
        return chain.Build(certificate)
            && (names.Count == 0 || names.Any(name => certificate.MatchesHostname(name, allowWildcards: false)));
    }

    /// <summary>As <see cref="IsAccepted"/>, in the form that connections ask in.</summary>
    public static Orleans.Connections.Security.RemoteCertificateValidator ValidatorOf(TlsSettings settings)
    {
        X509Certificate2Collection authorities = LoadAuthorities(settings);
        string[] names = [.. settings.AllowedNames];
        return (X509Certificate2 certificate, X509Chain? _, SslPolicyErrors _) => IsAccepted(certificate, authorities, names);
    }
}
