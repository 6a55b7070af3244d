using System.Net;
using Beamline.Abstractions.Errors;

namespace Beamline.Server.Administration;

/// <summary>Keeps strangers from requests that change what the cluster serves.</summary>
internal static class AdministrationGuard
{
    private const string Setting = $"{AdministrationSettings.Section}:{nameof(AdministrationSettings.Callers)}";

    // A proxy on this machine asks from a loopback address for whoever asked it, and says so in one of these.
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    /// <summary>Lets a request pass, or not.</summary>
    /// <exception cref="BeamlineException">The caller is none of those that the settings allow.</exception>
    public static void Check(HttpContext context, AdministrationSettings settings)
    {
        bool isAllowed = settings.Callers switch
        {
            AdministrationCallers.Anyone => true,
            AdministrationCallers.Loopback => IsLocal(context),
            _ => false,
        };
        if (isAllowed) return;
        string allowed = settings.Callers == AdministrationCallers.Loopback ? "callers of this machine at a loopback address" : "nobody";
        throw new BeamlineException(
            BeamlineErrorCode.Forbidden, $"{context.Request.Path} is for {allowed}; {Setting} says whose requests are answered.");
    }

    // The host that was asked counts too: a web page whose name was made to point here comes from this machine's own browser.
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller)
        && IsLoopbackName(context.Request.Host.Host)
        && !ProxyHeaders.Any(context.Request.Headers.ContainsKey);

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
