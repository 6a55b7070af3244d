using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Beamline.Server.Http.Clusters;
using Beamline.Server.Http.Completions;
using Beamline.Server.Http.Errors;
using Beamline.Server.Http.Models;
using Beamline.Server.Http.Runs;

namespace Beamline.Server.Http;

/// <summary>JSON of all answers.</summary>
[JsonSerializable(typeof(BeamsEvent))]
[JsonSerializable(typeof(ClusterAnswer))]
[JsonSerializable(typeof(CompletionAnswer))]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(FinishedEvent))]
[JsonSerializable(typeof(ModelChangeAnswer))]
[JsonSerializable(typeof(ModelChangeFailure))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(TokenEvent))]
internal sealed partial class ServerJson : JsonSerializerContext
{
    /// <summary>OpenAI's names; text as it is, since answers are JSON and never part of a web page.</summary>
    public static readonly ServerJson Answers = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
