using System.Net;
using Beamline.ServiceDefaults.Networking;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>Clusters whose table, state and reminders are in PostgreSQL.</summary>
public sealed class PostgresTests
{
    [Fact]
    public async Task TheOnlySiloKilled_ANewOneFinishesTheRequest_SameEvents()
    {
        if (PostgresServer.Missing is { } reason) Assert.Skip(reason);
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        await using PostgresServer database = await PostgresServer.StartAsync(FreePort.On(IPAddress.Loopback), limit.Token);
        await LostRequest.FinishAsync(
            new()
            {
                ["Beamline:Cluster:Provider"] = "Postgres",
                ["Beamline:Cluster:ConnectionString"] = database.ConnectionString,
                ["Beamline:Cluster:ApplySchema"] = "true",
            },
            limit.Token);
    }
}
