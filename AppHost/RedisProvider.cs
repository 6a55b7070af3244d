using Aspire.Hosting.Orleans;

namespace Beamline.AppHost;

/// <summary>Tells Orleans to use the Redis connection of a name: for membership, state and reminders alike.</summary>
/// <remarks>Aspire derives a provider from a resource's type, which a bare connection string does not have.</remarks>
internal sealed class RedisProvider(IResourceBuilder<IResourceWithConnectionString> redis) : IProviderConfiguration
{
    /// <inheritdoc/>
    public void ConfigureResource<T>(IResourceBuilder<T> builder, string section) where T : IResourceWithEnvironment
    {
        string prefix = $"Orleans__{section.Replace(":", "__", StringComparison.Ordinal)}";
        builder.WithEnvironment($"{prefix}__ProviderType", "Redis")
            .WithEnvironment($"{prefix}__ServiceKey", redis.Resource.Name)
            .WithReference(redis);
    }
}
