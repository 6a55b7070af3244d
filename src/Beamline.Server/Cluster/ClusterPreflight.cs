using System.Net;
using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Cluster.Providers;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Networking;
using Beamline.ServiceDefaults.Processes;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Beamline.Server.Cluster;

/// <summary>
/// Checks what a silo depends on before it starts, so that a port that is taken or a store that is down is one line and not a stack
/// trace.
/// </summary>
internal sealed class ClusterPreflight(IServiceProvider services, IConfiguration configuration, IOptions<ClusterSettings> options)
{
    /// <summary>Checks the ports, then waits for the store or the first silo, at most <see cref="ClusterSettings.StartTimeout"/>.</summary>
    /// <exception cref="StartException">The silo could not start.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        ClusterSettings settings = options.Value;
        if (settings.HasSilo) CheckPorts(services.GetRequiredService<IOptions<EndpointOptions>>().Value);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.StartTimeout);
        if (settings is { HasSilo: true, Kubernetes.Enabled: true })
        {
            await KubernetesCheck.RunAsync(settings, PodVariables.OfProcess(), limit.Token);
        }
        await ClusterProviders.Of(settings, configuration).WaitAsync(services, settings, limit.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if (settings.HasSilo) await CheckClockAsync(settings, cancellationToken);
    }

    // Silos judge by its time stamps whether a silo in the membership table still lives: one with a wrong clock is thrown out, or throws
    // others out.
    private async Task CheckClockAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        DateTimeOffset here = services.GetRequiredService<TimeProvider>().GetUtcNow();
        IClusterProvider provider = ClusterProviders.Of(settings, configuration);
        if (await provider.ReadClockAsync(services, settings, cancellationToken) is not { } there) return;
        TimeSpan apart = here - there, allowed = 2 * settings.Detection.AliveInterval;
        if (apart.Duration() <= allowed) return;
        string direction = apart > TimeSpan.Zero ? "ahead of" : "behind";
        throw new StartException(
            [$"This machine's clock is {apart.Duration():hh\\:mm\\:ss} {direction} the store's; allowed: {allowed}. Set the clocks right"]);
    }

    private static void CheckPorts(EndpointOptions endpoints)
    {
        List<string> lines = [];
        Check(nameof(ClusterSettings.SiloPort), endpoints.SiloPort, endpoints.SiloListeningEndpoint?.Address);
        Check(nameof(ClusterSettings.GatewayPort), endpoints.GatewayPort, endpoints.GatewayListeningEndpoint?.Address);
        if (lines.Count > 0) throw new StartException(lines);

        void Check(string setting, int port, IPAddress? listening)
        {
            if (port == 0 || !FreePort.IsTaken(listening ?? endpoints.AdvertisedIPAddress, port)) return;
            lines.Add($"{ClusterSettings.Name(setting)} is {port}, which another process listens on; allowed: a free port, or 0 for any");
        }
    }
}
