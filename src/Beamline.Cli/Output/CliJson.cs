using System.Text.Encodings.Web;
using System.Text.Json;

namespace Beamline.Cli.Output;

/// <summary>Writes one JSON document on one line, readable: characters are not escaped unless JSON demands it.</summary>
internal static class CliJson
{
    // For a terminal or a pipe, not for HTML: escaping every umlaut would only hide the text.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes what <paramref name="write"/> says, and a line end.</summary>
    public static void WriteLine(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, Options)) write(json);
        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
        output.Flush();
    }
}
