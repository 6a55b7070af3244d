using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Clusters;

/// <summary>JSON of what a cluster consists of.</summary>
[JsonSerializable(typeof(ClusterAnswer))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    /// <summary>Written as all answers are.</summary>
    public static readonly ClusterJson Answers = new(AnswerJson.NewOptions());
}
