using System.Collections.Concurrent;
using System.Net;
using Beamline.Cluster.Tests.Processes;
using Beamline.ServiceDefaults.Networking;
using Beamline.Store;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>Silos with a worker each and gateways, all in processes of their own, over the embedded store.</summary>
internal sealed class StoreCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly int _storePort = FreePort.On(IPAddress.Loopback);
    private readonly ConcurrentDictionary<string, ServerProcess> _processes = new();

    private readonly ConcurrentQueue<string> _ended = new();
    private readonly Func<string, Dictionary<string, string>> _more;

    private StoreCluster(Func<string, Dictionary<string, string>> more) => _more = more;

    /// <summary>
    /// Starts the store, then all others at once; a gateway's name begins with <c>gateway</c>, a silo's with <c>silo</c>.
    /// </summary>
    /// <param name="names">Names of the processes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="more">Further settings of a process by its name.</param>
    public static async Task<StoreCluster> StartAsync(
        IEnumerable<string> names, CancellationToken cancellationToken, Func<string, Dictionary<string, string>>? more = null)
    {
        StoreCluster cluster = new(more ?? (_ => []));
        try
        {
            await cluster.StartStoreAsync(cancellationToken);
            // One silo first: it imports the model, and the others find it.
            string[] all = [.. names];
            if (all.Length > 0) await cluster.StartAsync(all[0], cancellationToken);
            await Task.WhenAll(all.Skip(1).Select(name => cluster.StartAsync(name, cancellationToken)));
            foreach (string name in all) await cluster[name].ReadyAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A process by name; it may have ended.</summary>
    public ServerProcess this[string name] => _processes[name];

    /// <summary>Starts the store on the same port and data as before.</summary>
    public async Task StartStoreAsync(CancellationToken cancellationToken) => _processes["store"] = await ServerProcess.StartAsync(
        new Dictionary<string, string> { ["Beamline:Store:Port"] = $"{_storePort}", ["Beamline:Store:DataFolder"] = _data.Path },
        cancellationToken,
        program: typeof(StoreProcess));

    /// <summary>Starts a process, or starts it again after it has ended.</summary>
    public async Task StartAsync(string name, CancellationToken cancellationToken)
    {
        if (_processes.TryRemove(name, out ServerProcess? old))
        {
            _ended.Enqueue($"== {name}, ended\n{old.Process.Output}");
            await old.DisposeAsync();
        }
        _processes[name] = await ServerProcess.StartAsync(SettingsOf(name), cancellationToken);
    }

    /// <summary>What a process is started with.</summary>
    public Dictionary<string, string> SettingsOf(string name)
    {
        Dictionary<string, string> settings = new()
        {
            ["Beamline:Cluster:Provider"] = "Redis",
            ["Beamline:Cluster:ConnectionString"] = $"127.0.0.1:{_storePort}",
            ["Beamline:Cluster:Address"] = "127.0.0.1",
            ["Beamline:Cluster:SiloName"] = name,
        };
        if (name.StartsWith("gateway", StringComparison.Ordinal)) settings["Beamline:Cluster:Role"] = "Gateway";
        else settings["Beamline:Workers:Devices:0"] = $"cpu:{name.Select(c => (int)c).Sum()}";
        foreach ((string setting, string value) in _more(name)) settings[setting] = value;
        return settings;
    }

    /// <summary>Kills a process as a crash would.</summary>
    public Task KillAsync(string name) => _processes[name].Process.KillAsync();

    /// <summary>What all processes wrote, for the message of a failure.</summary>
    public string Output => string.Join(
        "\n", _ended.Concat(_processes.OrderBy(p => p.Key).Select(p => $"== {p.Key}\n{p.Value.Process.Output}")));

    public async ValueTask DisposeAsync()
    {
        // The store last: the others would only complain.
        foreach (ServerProcess process in _processes.OrderBy(p => p.Key == "store").Select(p => p.Value)) await process.DisposeAsync();
        _data.Dispose();
    }
}
