using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Beamline.Server.Http.Answers;

/// <summary>Writes server-sent events, one JSON value each.</summary>
internal sealed class ServerSentEvents(HttpResponse response)
{
    /// <summary>Starts the answer, if it has not started: from here on failures are events too.</summary>
    public void Begin()
    {
        if (response.HasStarted) return;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        // Proxies such as nginx would otherwise hold events back until a buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Writes an event with an id and a name into the answer's buffer.</summary>
    public void Write<T>(long id, string name, T value, JsonTypeInfo<T> type)
    {
        response.BodyWriter.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {name}\n")));
        Write(value, type);
    }

    /// <summary>Writes a comment, which keeps connections open and which readers skip.</summary>
    public void WriteComment() => response.BodyWriter.Write(": waiting\n\n"u8);

    /// <summary>Writes an event into the answer's buffer.</summary>
    public void Write<T>(T value, JsonTypeInfo<T> type)
    {
        response.BodyWriter.Write("data: "u8);
        using (Utf8JsonWriter json = new(response.BodyWriter, new() { Encoder = type.Options.Encoder }))
        {
            JsonSerializer.Serialize(json, value, type);
        }
        response.BodyWriter.Write("\n\n"u8);
    }

    /// <summary>Writes OpenAI's mark of a complete stream.</summary>
    public void WriteDone() => response.BodyWriter.Write("data: [DONE]\n\n"u8);

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await response.BodyWriter.FlushAsync(cancellationToken);
}
