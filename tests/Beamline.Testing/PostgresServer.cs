namespace Beamline.Testing;

/// <summary>A PostgreSQL server of its own, from Debian's package, with an empty database; gone afterwards.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";
    private readonly TemporaryFolder _folder;
    private readonly TestProcess _process;

    private PostgresServer(TemporaryFolder folder, TestProcess process, int port)
    {
        _folder = folder;
        _process = process;
        ConnectionString = $"Host=127.0.0.1;Port={port};Database=postgres;Username={User};Maximum Pool Size=10";
    }

    /// <summary>Why none can be started; null when one can.</summary>
    public static string? Missing => Programs is null ? "PostgreSQL's programs initdb and postgres are not installed" : null;

    /// <summary>How to reach it, in Npgsql's form.</summary>
    public string ConnectionString { get; }

    // Debian keeps them off the path, in a folder of each version.
    private static string? Programs { get; } = new[] { "/usr/lib/postgresql", "/usr/local/pgsql", "/usr/local", "/usr" }
        .Where(Directory.Exists)
        .SelectMany(root => root.EndsWith("postgresql", StringComparison.Ordinal) ? Directory.GetDirectories(root) : [root])
        .Select(folder => Path.Combine(folder, "bin"))
        .LastOrDefault(bin => File.Exists(Path.Combine(bin, "postgres")) && File.Exists(Path.Combine(bin, "initdb")));

    /// <summary>Makes a database and starts a server on it.</summary>
    /// <param name="port">A free port of the loopback address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It did not start; the message holds what it wrote.</exception>
    public static async Task<PostgresServer> StartAsync(int port, CancellationToken cancellationToken)
    {
        TemporaryFolder folder = new();
        try
        {
            if (IsRoot) await RunAsync("chown", [User, folder.Path], cancellationToken);
            string data = folder.PathOf("data");
            await RunAsync("initdb", ["-D", data, "-U", User, "-A", "trust", "-N"], cancellationToken);
            (string program, string[] arguments) = AsUser(
                "postgres", ["-D", data, "-p", $"{port}", "-k", folder.Path, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
            TestProcess process = TestProcess.Start(program, arguments);
            await process.LineAsync(line => line.Contains("ready to accept connections", StringComparison.Ordinal), cancellationToken);
            return new(folder, process, port);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task RunAsync(string name, string[] arguments, CancellationToken cancellationToken)
    {
        (string program, string[] all) = name == "chown" ? (name, arguments) : AsUser(name, arguments);
        await using TestProcess process = TestProcess.Start(program, all);
        await process.Exited.WaitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new InvalidOperationException(
            $"{name} ended with {process.ExitCode}. It wrote:\n{process.Output}");
    }

    // The server refuses to run as root; the package has made a user for it.
    private static (string Program, string[] Arguments) AsUser(string name, string[] arguments)
    {
        string program = Path.Combine(Programs!, name);
        return IsRoot ? ("setpriv", [$"--reuid={User}", $"--regid={User}", "--clear-groups", program, .. arguments]) : (program, arguments);
    }

    private static bool IsRoot => Environment.UserName == "root";
}
