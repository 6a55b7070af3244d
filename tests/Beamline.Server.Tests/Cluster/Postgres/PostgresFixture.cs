using System.Net;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Networking;
using Beamline.Testing;
using Microsoft.AspNetCore.Builder;

namespace Beamline.Server.Tests.Cluster.Postgres;

/// <summary>A database with Beamline's tables, and a silo over it that has no worker.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private WebApplication? _silo;

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => _silo!.Services;

    /// <summary>How to reach the database.</summary>
    public string ConnectionString => _server!.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is { } reason) Assert.Skip(reason);
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        _server = await PostgresServer.StartAsync(FreePort.On(IPAddress.Loopback), limit.Token);
        _silo = BeamlineServer.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Beamline:Cluster:Provider", "Postgres",
            "--Beamline:Cluster:ConnectionString", ConnectionString,
            "--Beamline:Cluster:ApplySchema", "true", "--Beamline:Cluster:Address", "127.0.0.1", "--Beamline:Workers:Enabled", "false",
        ]);
        await BeamlineServer.CheckAsync(_silo.Services, limit.Token);
        await _silo.StartAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.StopAsync();
            await _silo.DisposeAsync();
        }
        if (_server is not null) await _server.DisposeAsync();
    }
}
