using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Beamline.Server.Hosting;
using Beamline.Testing;
using Beamline.Testing.Models;
using Microsoft.AspNetCore.Builder;

namespace Beamline.Server.Tests.Http.Completions;

/// <summary>A real server whose model has fewer ids than its tokenizer: such a text is refused, and nothing else suffers.</summary>
public sealed class ForeignTokenTests : IAsyncLifetime
{
    private readonly TemporaryFolder _temporary = new();
    private readonly HttpClient _http = new();
    private WebApplication? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        TalesFolder.Write(_temporary.PathOf("padded"), ("[PAD]", 4096), ("[FAR]", 16_777_215));
        _server = BeamlineServer.Build(
        [
            "--urls", "http://127.0.0.1:0",
            "--Beamline:Workers:ExclusiveDevices", "false",
            "--Beamline:Workers:Models:0", _temporary.PathOf("padded"),
            "--Beamline:Cache:CacheFolder", _temporary.PathOf("cache"),
        ]);
        await BeamlineServer.CheckAsync(_server.Services, Token);
        await _server.StartAsync(Token);
        _http.BaseAddress = new(_server.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync(CancellationToken.None);
            await _server.DisposeAsync();
        }
        _temporary.Dispose();
    }

    [Fact]
    public async Task ATextWithATokenThatTheModelLacks_Is400_AndTheNextRequestRuns()
    {
        foreach ((string text, string value) in ((string, string)[])
            [("Once [PAD] upon", "token '[PAD]' (id 4096)"), ("[FAR]", "token '[FAR]' (id 16777215)")])
        {
            using HttpResponseMessage refused = await AskAsync(text);

            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            JsonElement error = (await refused.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
            error.GetProperty("param").GetString().ShouldBe("prompt");
            error.GetProperty("message").GetString().ShouldBe($"prompt is {value}; allowed: ids from 0 to 4095");
        }
        using HttpResponseMessage ids = await AskAsync((int[])[1, 4096]);
        ids.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        using HttpResponseMessage answer = await AskAsync("Once upon a time");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonElement choices = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("choices");
        choices[0].GetProperty("text").GetString().ShouldBe(", there was a sensible");
    }

    private Task<HttpResponseMessage> AskAsync(object prompt) =>
        _http.PostAsJsonAsync("v1/completions", new { prompt, max_tokens = 5, temperature = 0 }, Token);
}
