using System.Globalization;
using System.Net;
using Beamline.Engine;
using Beamline.Engine.Configuration;
using Beamline.Grains.Durability;
using Beamline.Grains.Sequences;
using Beamline.Grains.Workers;
using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Cluster.Settings;
using Beamline.Server.Cluster.Tls;
using Beamline.ServiceDefaults.Settings;

namespace Beamline.Server.Cluster;

/// <summary>Rules of <see cref="ClusterSettings"/> that are not a range of one number.</summary>
internal static class ClusterRules
{
    private const int MaxIdLength = 63;

    /// <summary>Everything that is wrong.</summary>
    public static IEnumerable<SettingFault> FindFaults(ClusterSettings settings, IConfiguration configuration)
    {
        const string idForm = "1 to 63 letters, digits and hyphens";
        if (!IsName(settings.ClusterId, "-")) yield return Fault(nameof(settings.ClusterId), settings.ClusterId, idForm);
        if (!IsName(settings.ServiceId, "-")) yield return Fault(nameof(settings.ServiceId), settings.ServiceId, idForm);
        if (settings.SiloName is { } name && !IsName(name, "-._"))
        {
            yield return Fault(nameof(settings.SiloName), name, "1 to 63 letters, digits, hyphens, dots and underscores");
        }
        if (settings.Address is { } address && !IPAddress.TryParse(address, out _))
        {
            yield return Fault(nameof(settings.Address), address, "an IP address of this machine");
        }
        if (settings.SiloPort != 0 && settings.SiloPort == settings.GatewayPort)
        {
            yield return Fault(nameof(settings.GatewayPort), settings.GatewayPort, "another port than SiloPort");
        }
        foreach (SettingFault fault in TlsRules.FindFaults(settings.Tls, settings.HasSilo)) yield return fault;
        foreach (SettingFault fault in KubernetesRules.FindFaults(
            settings, ClusterProviders.NameOf(settings, configuration), PodVariables.OfProcess()))
        {
            yield return fault;
        }
        foreach (SettingFault fault in FindWaitFaults(settings, configuration)) yield return fault;
        foreach (SettingFault fault in ClusterProviders.Of(settings, configuration).FindFaults(settings)) yield return fault;
    }

    // A wait inside a call that is meant to take long must not be taken for one that is lost.
    private static IEnumerable<SettingFault> FindWaitFaults(ClusterSettings settings, IConfiguration configuration)
    {
        TimeSpan limit = settings.Detection.ResponseTimeout;
        foreach ((string name, TimeSpan byDefault) in new[]
        {
            ($"{SequenceOptions.Section}:{nameof(SequenceOptions.ReadWait)}", new SequenceOptions().ReadWait),
            ($"{DurableOptions.Section}:{nameof(DurableOptions.StorageWait)}", new DurableOptions().StorageWait),
            ($"{WorkerOptions.Section}:{nameof(WorkerOptions.Engine)}:{nameof(EngineOptions.ReadWait)}", new EngineOptions().ReadWait),
        })
        {
            TimeSpan wait = TimeSpan.TryParse(configuration[name], CultureInfo.InvariantCulture, out TimeSpan given) ? given : byDefault;
            if (wait >= limit)
            {
                yield return Fault(
                    $"{nameof(settings.Detection)}:{nameof(settings.Detection.ResponseTimeout)}",
                    limit,
                    $"more than {name}, which is {wait}");
            }
        }
    }

    private static SettingFault Fault(string property, object value, string allowed) =>
        SettingFault.NotAllowed(ClusterSettings.Name(property), value, allowed);

    private static bool IsName(string text, string others) =>
        text.Length is > 0 and <= MaxIdLength
        && text.All(c => char.IsAsciiLetterOrDigit(c) || others.Contains(c, StringComparison.Ordinal));
}
