using System.Net;
using System.Net.Sockets;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;

namespace Beamline.Server.Cluster.Providers;

/// <summary>Membership, state and reminders in the first silo's memory.</summary>
internal sealed class LocalhostProvider : IClusterProvider
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public IEnumerable<SettingFault> FindFaults(ClusterSettings settings)
    {
        const string form = "an IP address and a port such as 127.0.0.1:11111";
        if (settings.PrimarySilo is { } primary && !IsEndpoint(primary))
        {
            yield return SettingFault.NotAllowed(ClusterSettings.Name(nameof(settings.PrimarySilo)), primary, form);
        }
        for (int i = 0; i < settings.Gateways.Count; i++)
        {
            if (IsEndpoint(settings.Gateways[i])) continue;
            yield return SettingFault.NotAllowed($"{ClusterSettings.Name(nameof(settings.Gateways))}:{i}", settings.Gateways[i], form);
        }
        if (!settings.HasSilo && settings.Gateways.Count == 0)
        {
            yield return new(
                ClusterSettings.Name(nameof(settings.Gateways)),
                "is not set; a process without a silo needs a silo's address and gateway port, or another Provider");
        }
    }

    /// <inheritdoc/>
    public void ConfigureSilo(ISiloBuilder silo, ClusterSettings settings)
    {
        bool hasPrimary = IPEndPoint.TryParse(settings.PrimarySilo ?? "", out IPEndPoint? primary);
        silo.UseDevelopmentClustering(hasPrimary ? primary : null);
        silo.AddMemoryGrainStorageAsDefault();
        silo.UseInMemoryReminderService();
    }

    /// <inheritdoc/>
    public void ConfigureClient(IClientBuilder client, ClusterSettings settings) =>
        client.UseStaticClustering([.. settings.Gateways.Where(IsEndpoint).Select(IPEndPoint.Parse)]);

    /// <inheritdoc/>
    public Task WaitAsync(IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken) =>
        settings is { HasSilo: true, PrimarySilo: { } primary } && IPEndPoint.Parse(primary).Port != settings.SiloPort
            ? WaitForAsync(IPEndPoint.Parse(primary), settings, cancellationToken)
            : Task.CompletedTask;

    private static bool IsEndpoint(string text) => IPEndPoint.TryParse(text, out IPEndPoint? endpoint) && endpoint.Port > 0;

    private static async Task WaitForAsync(IPEndPoint primary, ClusterSettings settings, CancellationToken cancellationToken)
    {
        while (!await AnswersAsync(primary, cancellationToken))
        {
            try
            {
                await Task.Delay(RetryDelay, cancellationToken);
            }
            catch (OperationCanceledException e)
            {
                string name = ClusterSettings.Name(nameof(settings.PrimarySilo));
                throw new StartException(
                    [$"{name} is {primary}, but no silo answered there within {settings.StartTimeout}; start that one first"], e);
            }
        }
    }

    private static async Task<bool> AnswersAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
