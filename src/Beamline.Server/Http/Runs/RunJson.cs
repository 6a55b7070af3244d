using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Runs;

/// <summary>JSON of runs and their events.</summary>
[JsonSerializable(typeof(BeamsEvent))]
[JsonSerializable(typeof(FinishedEvent))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(TokenEvent))]
internal sealed partial class RunJson : JsonSerializerContext
{
    /// <summary>Written as all answers are.</summary>
    public static readonly RunJson Answers = new(AnswerJson.NewOptions());
}
