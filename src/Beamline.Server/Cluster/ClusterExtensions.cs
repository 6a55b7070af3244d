using Beamline.Abstractions.Contracts;
using Beamline.Client.Resilience;
using Beamline.Grains.Hosting;
using Beamline.Server.Cluster.Contracts;
using Beamline.Server.Cluster.Kubernetes;
using Beamline.Server.Cluster.Providers;
using Beamline.Server.Cluster.Settings;
using Beamline.Server.Cluster.Tls;
using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;
using Beamline.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Beamline.Server.Cluster;

/// <summary>Makes a process part of a cluster.</summary>
public static class ClusterExtensions
{
    /// <summary>Adds a silo, or a client of other silos, as <see cref="ClusterSettings"/> say.</summary>
    /// <param name="builder">Any host: with HTTP or without.</param>
    /// <returns>The settings as they stand now. They are checked when the host starts, not here.</returns>
    public static ClusterSettings AddBeamlineCluster(this IHostApplicationBuilder builder)
    {
        IConfiguration configuration = builder.Configuration;
        ClusterSettings settings = builder.Services.AddSettings<ClusterSettings>(
            configuration, ClusterSettings.Section, s => ClusterRules.FindFaults(s, configuration));
        CheckedSection all = new(configuration.GetSection(BeamlineSections.Root), typeof(BeamlineSections));
        builder.Services.AddSingleton(all);
        builder.Services.AddSingleton<ClusterPreflight>();
        builder.Services.TryAddSingleton(new ContractsVersion(ContractsFingerprint.Value));
        builder.Services.AddSingleton<ProcessFault>();
        AddNamedRedisConnections(builder);
        if (settings.HasSilo) AddSilo(builder, settings, SectionCheck.Readable(configuration, all));
        else AddClient(builder, settings);
        builder.Services.AddHostedService<ContractsWatch>();     // after the silo, or the client: it looks at what these have heard
        return settings;
    }

    private static void AddSilo(IHostApplicationBuilder builder, ClusterSettings settings, IConfiguration readable)
    {
        IConfiguration configuration = builder.Configuration;
        PodVariables? pod = settings.Kubernetes.Enabled ? PodVariables.OfProcess() : null;
        SiloEndpoints endpoints = SiloEndpoints.Choose(settings, ClusterProviders.NameOf(settings, configuration), pod);
        string name = settings.SiloName ?? pod?.Name ?? $"{Environment.MachineName}-{endpoints.SiloPort}";
        builder.UseOrleans(silo =>
        {
            if (pod is not null) silo.AddKubernetes(settings, pod);
            silo.Configure<ClusterOptions>(options => SetIds(options, settings, configuration));
            silo.Configure<SiloOptions>(options => options.SiloName = name);
            silo.Configure<ClusterMembershipOptions>(settings.Detection.Apply);
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = settings.Detection.ResponseTimeout);
            silo.Configure<EndpointOptions>(options => endpoints.Apply(options, settings, configuration));
            if (TelemetryNames.IsExported(configuration)) silo.AddActivityPropagation();
            silo.AddTls(settings.Tls);
            silo.Services.AddSingleton<IGrainInterfacePropertiesProvider, ContractsProperty>();
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ContractsGate>();
            ClusterProviders.Of(settings, configuration).ConfigureSilo(silo, settings);
            silo.AddBeamline(readable);
        });
    }

    private static void AddClient(IHostApplicationBuilder builder, ClusterSettings settings)
    {
        IConfiguration configuration = builder.Configuration;
        builder.Services.AddSingleton<LossSignal>();
        builder.Services.AddHostedService<GatewayWatch>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => SetIds(options, settings, configuration));
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = settings.Detection.ResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = settings.Detection.GatewayRefresh);
            client.Configure<TypeManagementOptions>(options => options.TypeMapRefreshInterval = settings.Detection.GatewayRefresh);
            client.UseConnectionRetryFilter(new StartRetryFilter(settings.StartTimeout, TimeProvider.System));
            if (TelemetryNames.IsExported(configuration)) client.AddActivityPropagation();
            client.AddTls(settings.Tls);
            ClusterProviders.Of(settings, configuration).ConfigureClient(client, settings);
        });
    }

    // Ids that the section Orleans gives hold unless ours are set. Orleans itself has "default" for both.
    private static void SetIds(ClusterOptions options, ClusterSettings settings, IConfiguration configuration)
    {
        if (!IsGivenByOrleans(nameof(settings.ClusterId))) options.ClusterId = settings.ClusterId;
        if (!IsGivenByOrleans(nameof(settings.ServiceId))) options.ServiceId = settings.ServiceId;

        bool IsGivenByOrleans(string id) =>
            configuration[ClusterSettings.Name(id)] is null && !string.IsNullOrEmpty(configuration[$"{OrleansSectionProvider.Root}:{id}"]);
    }

    private static void AddNamedRedisConnections(IHostApplicationBuilder builder)
    {
        foreach (string key in OrleansSectionProvider.ServiceKeys(builder.Configuration)) builder.AddKeyedRedisClient(key);
    }
}
