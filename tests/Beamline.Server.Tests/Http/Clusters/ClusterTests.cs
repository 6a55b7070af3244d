using System.Text.Json;
using Beamline.Server.Hosting;
using Beamline.Server.Tests.Fakes;
using Microsoft.AspNetCore.Builder;

namespace Beamline.Server.Tests.Http.Clusters;

public sealed class ClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ACluster_ShowsItsSilosAndWorkers()
    {
        await using WebApplication server = BeamlineServer.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Beamline:Workers:ExclusiveDevices", "false", "--Beamline:Cluster:SiloName", "one",
            "--Beamline:Workers:Engine:Rows", "4",
        ]);
        await server.StartAsync(Token);
        using HttpClient http = new() { BaseAddress = new(server.Urls.Single()) };
        JsonElement cluster = await ApiHost.JsonOf(await http.GetAsync("/v1/cluster", Token));
        JsonElement silo = cluster.GetProperty("silos").EnumerateArray().ShouldHaveSingleItem();
        (silo.GetProperty("name").GetString(), silo.GetProperty("state").GetString()).ShouldBe(("one", "active"));
        silo.GetProperty("started").GetDateTimeOffset().ShouldBeLessThan(DateTimeOffset.UtcNow);

        JsonElement worker = cluster.GetProperty("workers").EnumerateArray().ShouldHaveSingleItem();
        worker.GetProperty("id").GetString().ShouldBe("one/cpu:0");
        worker.GetProperty("state").GetString().ShouldBe("ready");
        worker.GetProperty("models").EnumerateArray().Select(model => model.GetString()).ShouldBe(["tales"]);
        worker.GetProperty("rows").GetInt32().ShouldBe(4);
        worker.GetProperty("free_rows").GetInt32().ShouldBe(4);
        JsonElement model = worker.GetProperty("model_states").EnumerateArray().ShouldHaveSingleItem();
        (model.GetProperty("name").GetString(), model.GetProperty("state").GetString()).ShouldBe(("tales", "ready"));
        (model.GetProperty("rows").GetInt32(), model.GetProperty("free_rows").GetInt32()).ShouldBe((4, 4));
        model.GetProperty("kv_bytes").GetInt64().ShouldBeGreaterThan(0);
        await server.StopAsync(Token);
    }
}
