using System.Text.Encodings.Web;
using System.Text.Json;

namespace Beamline.Server.Http.Answers;

/// <summary>How all answers are written as JSON; each room knows its own.</summary>
internal static class AnswerJson
{
    /// <summary>
    /// OpenAI's names; text as it is, since answers are JSON and never part of a web page. A room takes options of its own, because it
    /// ties them to its types.
    /// </summary>
    public static JsonSerializerOptions NewOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
