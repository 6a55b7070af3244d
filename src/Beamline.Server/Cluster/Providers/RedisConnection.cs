using StackExchange.Redis;

namespace Beamline.Server.Cluster.Providers;

/// <summary>The process' one connection to Redis, made at its first use and shared by membership, state and reminders.</summary>
internal sealed class RedisConnection(string connectionString) : IAsyncDisposable
{
    private readonly Lazy<Task<IConnectionMultiplexer>> _connection = new(() => ConnectAsync(connectionString));

    /// <summary>The connection.</summary>
    /// <exception cref="RedisConnectionException">The server cannot be reached.</exception>
    public Task<IConnectionMultiplexer> GetAsync() => _connection.Value;

    /// <summary>Closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated && _connection.Value.IsCompletedSuccessfully) await (await _connection.Value).DisposeAsync();
    }

    // Without "abort", a server that is still starting is waited for in the background, and the first command says whether it came.
    private static async Task<IConnectionMultiplexer> ConnectAsync(string connectionString)
    {
        ConfigurationOptions options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
