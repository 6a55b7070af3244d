using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Errors;

/// <summary>JSON of errors.</summary>
[JsonSerializable(typeof(ErrorEnvelope))]
internal sealed partial class ErrorJson : JsonSerializerContext
{
    /// <summary>Written as all answers are.</summary>
    public static readonly ErrorJson Answers = new(AnswerJson.NewOptions());
}
