using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>A streamed completion: what came of it so far, byte for byte, and the longest time in which nothing came.</summary>
internal sealed class Stream
{
    private const string Data = "data: ";
    private readonly StringBuilder _text = new();
    private readonly TaskCompletionSource _flowing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _pieces;

    private Stream(object body, int flowingAt)
    {
        Body = body;
        FlowingAt = flowingAt;
        Ended = Task.CompletedTask;
    }

    /// <summary>What was asked for.</summary>
    public object Body { get; }

    /// <summary>Completes when some pieces have come, or it has ended.</summary>
    public Task Flowing => _flowing.Task;

    /// <summary>Completes with its end; faults when it failed.</summary>
    public Task Ended { get; private set; }

    /// <summary>The texts and token ids of all choices in the order in which they came, and how each ended.</summary>
    public string Text => _text.ToString();

    /// <summary>The longest time between two pieces.</summary>
    public TimeSpan LongestPause { get; private set; }

    /// <summary>When it ended, as a time stamp of <see cref="Stopwatch"/>.</summary>
    public long PauseEnd { get; private set; }

    private int FlowingAt { get; }

    /// <summary>Sends the request; reads in the background.</summary>
    /// <param name="http">Where to.</param>
    /// <param name="body">The request; must ask for a stream.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="id">The request's id; null lets the server choose.</param>
    /// <param name="flowingAt">Pieces after which it counts as flowing.</param>
    public static Stream Start(HttpClient http, object body, CancellationToken cancellationToken, string? id = null, int flowingAt = 8)
    {
        Stream stream = new(body, flowingAt);
        stream.Ended = stream.RunAsync(http, id, cancellationToken);
        return stream;
    }

    private async Task RunAsync(HttpClient http, string? id, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(http, id, cancellationToken);
        }
        finally
        {
            _flowing.TrySetResult();
        }
    }

    private async Task ReadAsync(HttpClient http, string? id, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(Body) };
        if (id is not null) message.Headers.Add("X-Request-Id", id);
        using HttpResponseMessage answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellationToken));
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(cancellationToken));
        long? last = null;                 // beams come all at once at their end: the wait for the first piece is no pause
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith(Data, StringComparison.Ordinal)) continue;
            if (line == "data: [DONE]") return;
            long now = Stopwatch.GetTimestamp();
            if (last is { } before && Stopwatch.GetElapsedTime(before, now) is var pause && pause > LongestPause)
            {
                LongestPause = pause;
                PauseEnd = now;
            }
            last = now;
            Take(line[Data.Length..]);
        }
        throw new InvalidOperationException($"The stream broke off after {_pieces} pieces.");
    }

    private void Take(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.TryGetProperty("error", out JsonElement error)) throw new InvalidOperationException(error.GetRawText());
        foreach (JsonElement choice in document.RootElement.GetProperty("choices").EnumerateArray())
        {
            // The rest of a piece, such as its time, is not the same twice.
            _text.Append(choice.GetRawText());
        }
        if (++_pieces >= FlowingAt) _flowing.TrySetResult();
    }
}
