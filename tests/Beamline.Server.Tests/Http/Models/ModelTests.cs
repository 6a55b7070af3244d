using System.Net;
using System.Text.Json;
using Beamline.Server.Tests.Fakes;

namespace Beamline.Server.Tests.Http.Models;

public sealed class ModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_AreListedByName()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        JsonElement list = await ApiHost.JsonOf(await api.Http.GetAsync("/v1/models", Token));
        list.GetProperty("object").GetString().ShouldBe("list");
        list.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()).ShouldBe(["org/large", "tales"]);
    }

    [Theory]
    [InlineData("tales")]
    [InlineData("org/large")]
    public async Task AModel_IsShown(string name)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.Http.GetAsync($"/v1/models/{name}", Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldBe(
            $$"""
            {"id":"{{name}}","object":"model","created":0,"owned_by":"beamline","family":"gpt2","precision":"fp32",
            "parameters":1000,"context_length":512,"vocabulary_size":64}
            """.ReplaceLineEndings(""));
    }
}
