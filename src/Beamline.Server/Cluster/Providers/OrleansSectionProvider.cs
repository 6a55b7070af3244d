using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Settings;
using Orleans.Configuration;
using Orleans.Persistence;

namespace Beamline.Server.Cluster.Providers;

/// <summary>
/// Whatever the section <c>Orleans</c> says; Orleans reads it itself. What is added here are the Redis connections it names.
/// </summary>
internal sealed class OrleansSectionProvider(IConfiguration configuration) : IClusterProvider
{
    /// <summary>The section.</summary>
    public const string Root = "Orleans";

    /// <summary>The part that says how silos find each other.</summary>
    public const string Clustering = $"{Root}:Clustering";

    /// <summary>Names of connections that providers of the section share, each a connection string's name.</summary>
    public static IEnumerable<string> ServiceKeys(IConfiguration configuration) => configuration.GetSection(Root).AsEnumerable()
        .Where(pair => pair.Key.EndsWith(":ServiceKey", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(pair.Value))
        .Select(pair => pair.Value!)
        .Distinct(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<SettingFault> FindFaults(ClusterSettings settings)
    {
        if (!configuration.GetSection(Clustering).Exists())
        {
            yield return new(ClusterSettings.Name(nameof(settings.Provider)), $"is Orleans, but the section {Clustering} is not there");
        }
        foreach (string key in ServiceKeys(configuration))
        {
            if (string.IsNullOrEmpty(configuration.GetConnectionString(key)))
            {
                yield return new($"ConnectionStrings:{key}", "is not set; the section Orleans names it");
            }
        }
    }

    /// <inheritdoc/>
    public void ConfigureSilo(ISiloBuilder silo, ClusterSettings settings)
    {
        // Else an empty entry stays for ever of each request that was stored.
        silo.Services.PostConfigureAll<RedisStorageOptions>(options => options.DeleteStateOnClear = true);
        silo.Services.PostConfigureAll<AdoNetGrainStorageOptions>(options => options.DeleteStateOnClear = true);
    }

    /// <inheritdoc/>
    public void ConfigureClient(IClientBuilder client, ClusterSettings settings)
    {
    }

    /// <inheritdoc/>
    public Task WaitAsync(IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken) => Task.CompletedTask;
}
