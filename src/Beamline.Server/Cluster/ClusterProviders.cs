using Beamline.Server.Cluster.Postgres;
using Beamline.Server.Cluster.Providers;
using Beamline.Server.Cluster.Settings;

namespace Beamline.Server.Cluster;

/// <summary>Finds the provider that the settings name.</summary>
internal static class ClusterProviders
{
    /// <summary>The provider in use.</summary>
    public static IClusterProvider Of(ClusterSettings settings, IConfiguration configuration) => NameOf(settings, configuration) switch
    {
        ClusterProvider.Localhost => new LocalhostProvider(),
        ClusterProvider.Redis => new RedisProvider(),
        ClusterProvider.Postgres => new PostgresProvider(),
        _ => new OrleansSectionProvider(configuration),
    };

    /// <summary>The provider's name: as set, else <see cref="ClusterProvider.Orleans"/> when its section is there.</summary>
    public static ClusterProvider NameOf(ClusterSettings settings, IConfiguration configuration) =>
        settings.Provider
        ?? (configuration.GetSection(OrleansSectionProvider.Clustering).Exists() ? ClusterProvider.Orleans : ClusterProvider.Localhost);
}
