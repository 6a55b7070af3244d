using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Completions;

/// <summary>JSON of completions.</summary>
[JsonSerializable(typeof(CompletionAnswer))]
internal sealed partial class CompletionJson : JsonSerializerContext
{
    /// <summary>Written as all answers are.</summary>
    public static readonly CompletionJson Answers = new(AnswerJson.NewOptions());
}
