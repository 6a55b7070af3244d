using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Models;

/// <summary>JSON of models and of changes to them.</summary>
[JsonSerializable(typeof(ModelChangeAnswer))]
[JsonSerializable(typeof(ModelChangeFailure))]
[JsonSerializable(typeof(ModelList))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>Written as all answers are.</summary>
    public static readonly ModelJson Answers = new(AnswerJson.NewOptions());
}
