namespace Beamline.Testing;

/// <summary>A Redis server of its own, from Debian's package, empty and behind a password; gone afterwards.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";
    private readonly TestProcess _process;
    private readonly TemporaryFolder _folder;

    private RedisServer(TestProcess process, TemporaryFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Address = $"127.0.0.1:{port}";
    }

    /// <summary>Why none can be started; null when one can.</summary>
    public static string? Missing => IsInstalled ? null : $"{Program} is not installed";

    /// <summary>Host and port.</summary>
    public string Address { get; }

    /// <summary>How to reach it, in StackExchange.Redis' form.</summary>
    public string ConnectionString => $"{Address},password={Password}";

    private static string Password => "let me in";

    private static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Starts one.</summary>
    /// <param name="port">A free port of the loopback address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It did not start; the message holds what it wrote.</exception>
    public static async Task<RedisServer> StartAsync(int port, CancellationToken cancellationToken)
    {
        TemporaryFolder folder = new();
        TestProcess process = TestProcess.Start(
            Program,
            [
                "--port", $"{port}", "--bind", "127.0.0.1", "--requirepass", Password, "--dir", folder.Path, "--save", "",
                "--appendonly", "no",
            ]);
        RedisServer server = new(process, folder, port);
        try
        {
            await process.LineAsync(line => line.Contains("eady to accept connections", StringComparison.Ordinal), cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
