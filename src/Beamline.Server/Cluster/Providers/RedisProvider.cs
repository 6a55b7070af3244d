using System.Net;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;
using StackExchange.Redis;

namespace Beamline.Server.Cluster.Providers;

/// <summary>Membership, state and reminders in Redis.</summary>
internal sealed class RedisProvider : IClusterProvider
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public IEnumerable<SettingFault> FindFaults(ClusterSettings settings)
    {
        if (!IsConnectionString(settings.ConnectionString))
        {
            // The value is not shown: it may hold a password.
            string problem = string.IsNullOrEmpty(settings.ConnectionString) ? "is not set" : "cannot be read";
            yield return new(
                ClusterSettings.Name(nameof(settings.ConnectionString)), $"{problem}; allowed: a server such as 10.0.0.5:6379");
        }
    }

    /// <inheritdoc/>
    public void ConfigureSilo(ISiloBuilder silo, ClusterSettings settings)
    {
        RedisConnection connection = Register(silo.Services, settings);
        silo.UseRedisClustering(options =>
        {
            options.ConfigurationOptions = new();
            options.CreateMultiplexer = async _ => (await connection.GetAsync(), true);
        });
        silo.AddRedisGrainStorageAsDefault(options =>
        {
            options.DeleteStateOnClear = true;      // else an empty entry stays for ever
            options.ConfigurationOptions = new();
            options.CreateMultiplexer = async _ => (await connection.GetAsync(), true);
        });
        silo.UseRedisReminderService(options =>
        {
            options.ConfigurationOptions = new();
            options.CreateMultiplexer = async _ => (await connection.GetAsync(), true);
        });
    }

    /// <inheritdoc/>
    public void ConfigureClient(IClientBuilder client, ClusterSettings settings)
    {
        RedisConnection connection = Register(client.Services, settings);
        client.UseRedisClustering(options =>
        {
            options.ConfigurationOptions = new();
            options.CreateMultiplexer = async _ => (await connection.GetAsync(), true);
        });
    }

    /// <inheritdoc/>
    public async Task WaitAsync(IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken)
    {
        IConnectionMultiplexer redis = await services.GetRequiredService<RedisConnection>().GetAsync();
        while (true)
        {
            try
            {
                await redis.GetDatabase().PingAsync();
                return;
            }
            catch (RedisException e) when (IsRefusal(e))
            {
                throw new StartException([$"{NamesOf(settings, redis)}, but the server there refuses its user or password"], e);
            }
            catch (RedisException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (RedisException e)
            {
                throw new StartException([$"{NamesOf(settings, redis)}, but no server answered there within {settings.StartTimeout}"], e);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadClockAsync(
        IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken)
    {
        IConnectionMultiplexer redis = await services.GetRequiredService<RedisConnection>().GetAsync();
        IServer? server = redis.GetServers().FirstOrDefault(one => one.IsConnected);
        return server is null ? null : new DateTimeOffset(await server.TimeAsync());
    }

    private static RedisConnection Register(IServiceCollection services, ClusterSettings settings)
    {
        RedisConnection connection = new(settings.ConnectionString ?? "");
        services.AddSingleton(_ => connection);
        return connection;
    }

    private static string NamesOf(ClusterSettings settings, IConnectionMultiplexer redis)
    {
        string servers = string.Join(", ", redis.GetEndPoints().Select(endpoint => NameOf(endpoint)));
        return $"{ClusterSettings.Name(nameof(settings.ConnectionString))} names {servers}";
    }

    // The client gives a code for neither, only the server's own words.
    private static bool IsRefusal(Exception? failure) => failure is not null
        && (failure.Message.Contains("NOAUTH", StringComparison.Ordinal)
            || failure.Message.Contains("WRONGPASS", StringComparison.Ordinal)
            || IsRefusal(failure.InnerException));

    private static string NameOf(EndPoint endpoint) => endpoint is DnsEndPoint named ? $"{named.Host}:{named.Port}" : $"{endpoint}";

    private static bool IsConnectionString(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return false;
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
