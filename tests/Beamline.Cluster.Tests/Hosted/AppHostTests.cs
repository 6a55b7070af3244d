using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Beamline.Cluster.Tests.Processes;

namespace Beamline.Cluster.Tests.Hosted;

public sealed class AppHostTests(AppHostFixture fixture) : IClassFixture<AppHostFixture>
{
    [Fact]
    public async Task TheGateway_TellsAStory_ThroughTheStoreAndAWorker()
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 2);
        foreach (string resource in new[] { "store", "worker1", "worker2", "gateway" })
        {
            await fixture.App.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        }

        using HttpClient gateway = fixture.App.CreateHttpClient("gateway", "http");
        using HttpResponseMessage answer = await gateway.PostAsJsonAsync(
            "/v1/completions", new { prompt = "Once upon a time", max_tokens = 12, return_token_ids = true }, limit.Token);
        JsonElement json = await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{json}");
        json.GetProperty("choices")[0].GetProperty("token_ids").GetArrayLength().ShouldBe(12);
        json.GetProperty("choices")[0].GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
    }
}
