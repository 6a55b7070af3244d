using System.Net.Http.Json;
using System.Text.Json;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>A request that was left to itself, by its id.</summary>
internal static class DurableRun
{
    /// <summary>Starts one; the answer comes once it is stored.</summary>
    /// <param name="http">Where to.</param>
    /// <param name="id">Its id.</param>
    /// <param name="request">One of <see cref="Requests"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task StartAsync(HttpClient http, string id, object request, CancellationToken cancellationToken)
    {
        Dictionary<string, JsonElement> body = JsonSerializer.SerializeToElement(request).EnumerateObject()
            .Where(field => field.Name != "stream").ToDictionary(field => field.Name, field => field.Value);
        body["background"] = JsonSerializer.SerializeToElement(true);
        using HttpRequestMessage message = new(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
        message.Headers.Add("X-Request-Id", id);
        using HttpResponseMessage answer = await http.SendAsync(message, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Reads events from a position on; each with its id, name and data, the last one without its usage.</summary>
    /// <param name="http">Where from.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="from">The first position.</param>
    /// <param name="atMost">Events after which to stop.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<List<string>> ReadAsync(
        HttpClient http, string id, int from, int atMost, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await http.GetAsync(
            $"/v1/requests/{id}/events?from={from}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellationToken));
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(cancellationToken));
        List<string> events = [];
        string head = "";
        while (events.Count < atMost && await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) head = line;
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) head += $" {line}";
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) events.Add($"{head} {Shown(line["data: ".Length..])}");
        }
        return events;
    }

    /// <summary>Asks until the run has ended and returns where it is then.</summary>
    public static async Task<JsonElement> EndAsync(HttpClient http, string id, CancellationToken cancellationToken)
    {
        using PeriodicTimer next = new(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            JsonElement run = await http.GetFromJsonAsync<JsonElement>($"/v1/requests/{id}", cancellationToken);
            if (run.GetProperty("status").GetString() != "in_progress") return run;
            await next.WaitForNextTickAsync(cancellationToken);
        }
    }

    // How much of a prompt was in a cache is not the same twice.
    private static string Shown(string data)
    {
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(data);
        return json.TryGetProperty("sequences", out JsonElement sequences) ? sequences.GetRawText() : data;
    }
}
