using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>An authority and a certificate of its own making, in files, for silos and gateways alike.</summary>
internal sealed class TlsFiles : IDisposable
{
    private const string Password = "of this test";
    private static readonly string[] Purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];      // servers, clients
    private readonly TemporaryFolder _folder = new();

    /// <summary>Makes both.</summary>
    /// <param name="name">The certificate's DNS name.</param>
    public TlsFiles(string name)
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddHours(-1), to = DateTimeOffset.UtcNow.AddDays(1);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new("CN=authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, to);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        OidCollection purposes = [];
        foreach (string purpose in Purposes) purposes.Add(new Oid(purpose));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, false));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(authority, from, to, [1]), withKey = certificate.CopyWithPrivateKey(key);
        File.WriteAllBytes(_folder.PathOf("own.pfx"), withKey.Export(X509ContentType.Pkcs12, Password));
        File.WriteAllText(_folder.PathOf("authorities.pem"), authority.ExportCertificatePem());
    }

    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Load() => X509CertificateLoader.LoadPkcs12FromFile(_folder.PathOf("own.pfx"), Password);

    /// <summary>The file with the authority.</summary>
    public string AuthoritiesFile => _folder.PathOf("authorities.pem");

    /// <summary>The settings that use them, with a name to demand of others.</summary>
    public Dictionary<string, string> Settings(string allowedName) => new()
    {
        ["Beamline:Cluster:Tls:CertificateFile"] = _folder.PathOf("own.pfx"),
        ["Beamline:Cluster:Tls:Password"] = Password,
        ["Beamline:Cluster:Tls:AuthoritiesFile"] = _folder.PathOf("authorities.pem"),
        ["Beamline:Cluster:Tls:AllowedNames:0"] = allowedName,
    };

    public void Dispose() => _folder.Dispose();
}
