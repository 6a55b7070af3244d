using Npgsql;

namespace Beamline.Server.Cluster.Postgres;

/// <summary>The tables and queries that silos need in PostgreSQL.</summary>
internal static class PostgresSchema
{
    // Any number; the same in every process, so that two starts at once apply the script one after the other.
    private const long LockKey = 0x4265616D6C696E65;

    /// <summary>Applies the script; changes nothing where it was applied before.</summary>
    /// <exception cref="NpgsqlException">The server is gone, or its user may not create tables.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
        await using NpgsqlTransaction all = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
        // The script's own parameters are those of the queries it stores; none is one of this command.
        await ExecuteAsync(connection, await ReadAsync(cancellationToken), cancellationToken);
        await all.CommitAsync(cancellationToken);
    }

    /// <summary>Whether the script was applied.</summary>
    /// <exception cref="NpgsqlException">The server is gone.</exception>
    public static async Task<bool> IsAppliedAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = source.CreateCommand("SELECT to_regclass('OrleansQuery') IS NOT NULL");
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await using Stream script =
            typeof(PostgresSchema).Assembly.GetManifestResourceStream("Beamline.Server.Cluster.Postgres.schema.sql")!;
        using StreamReader reader = new(script);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
