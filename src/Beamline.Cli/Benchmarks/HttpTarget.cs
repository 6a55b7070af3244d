using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Beamline.Abstractions.Errors;

namespace Beamline.Cli.Benchmarks;

/// <summary>A server's <c>/v1/completions</c>, streaming.</summary>
internal sealed class HttpTarget : IServeTarget
{
    private const string DataPrefix = "data: ";
    private readonly HttpClient _http;
    private readonly string? _model;

    public HttpTarget(Uri url, string? model)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        _model = model;
    }

    public async Task RunAsync(LoadRequest request, Action<int> tokenCame)
    {
        JsonObject body = new()
        {
            ["prompt"] = request.Prompt, ["max_tokens"] = request.Tokens, ["eos_token_id"] = new JsonArray(), ["stream"] = true,
            ["temperature"] = 0.8, ["top_k"] = 0, ["top_p"] = 0.95, ["seed"] = request.Number,
        };
        if (_model is not null) body["model"] = _model;
        using HttpRequestMessage message = new(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
        using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
        {
            string text = await response.Content.ReadAsStringAsync();
            throw new BeamlineException(BeamlineErrorCode.InvalidRequest, $"{(int)response.StatusCode} from the server: {text}");
        }
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(DataPrefix, StringComparison.Ordinal) && line != "data: [DONE]") tokenCame(1);
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
