using System.Net.Sockets;
using Beamline.Server.Cluster.Providers;
using Beamline.Server.Cluster.Settings;
using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;
using Npgsql;

namespace Beamline.Server.Cluster.Postgres;

/// <summary>Membership, state and reminders in PostgreSQL.</summary>
internal sealed class PostgresProvider : IClusterProvider
{
    private const string Invariant = "Npgsql";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public IEnumerable<SettingFault> FindFaults(ClusterSettings settings)
    {
        if (HostOf(settings.ConnectionString) is null)
        {
            // The value is not shown: it may hold a password.
            string problem = string.IsNullOrEmpty(settings.ConnectionString) ? "is not set" : "cannot be read";
            yield return new(
                ClusterSettings.Name(nameof(settings.ConnectionString)),
                $"{problem}; allowed: a server such as Host=10.0.0.5;Database=beamline;Username=beamline;Password=...");
        }
    }

    /// <inheritdoc/>
    public void ConfigureSilo(ISiloBuilder silo, ClusterSettings settings)
    {
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, settings.ConnectionString));
        silo.AddAdoNetGrainStorageAsDefault(options =>
        {
            (options.Invariant, options.ConnectionString) = (Invariant, settings.ConnectionString);
            options.DeleteStateOnClear = true;      // else an empty row stays for ever
        });
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, settings.ConnectionString!));
    }

    /// <inheritdoc/>
    public void ConfigureClient(IClientBuilder client, ClusterSettings settings) =>
        client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, settings.ConnectionString));

    /// <inheritdoc/>
    public async Task WaitAsync(IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(settings.ConnectionString!);
        string name = ClusterSettings.Name(nameof(settings.ConnectionString));
        while (true)
        {
            try
            {
                if (settings.ApplySchema) await PostgresSchema.ApplyAsync(source, cancellationToken);
                else if (!await PostgresSchema.IsAppliedAsync(source, cancellationToken)) throw NoSchema(settings);
                return;
            }
            catch (PostgresException e) when (!IsStarting(e))
            {
                throw new StartException([$"{name}: the server refuses: {e.MessageText}"], e);
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or OperationCanceledException)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    throw new StartException(
                        [$"{name} names {HostOf(settings.ConnectionString)}, but no server answered there within {settings.StartTimeout}"],
                        e);
                }
                await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadClockAsync(
        IServiceProvider services, ClusterSettings settings, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(settings.ConnectionString!);
        await using NpgsqlCommand command = source.CreateCommand("SELECT clock_timestamp()");
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private static StartException NoSchema(ClusterSettings settings) => new(
        [$"{ClusterSettings.Name(nameof(settings.ConnectionString))} names a database without Beamline's tables; "
            + $"set {ClusterSettings.Name(nameof(settings.ApplySchema))} to true once"]);

    // 57P03: the server is up but not yet ready. Everything else that it answers with will not pass by waiting.
    private static bool IsStarting(PostgresException e) => e.SqlState == PostgresErrorCodes.CannotConnectNow || e.IsTransient;

    private static string? HostOf(string? connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder parts = new(connectionString);
            return string.IsNullOrWhiteSpace(parts.Host) ? null : $"{parts.Host}:{parts.Port}";
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
