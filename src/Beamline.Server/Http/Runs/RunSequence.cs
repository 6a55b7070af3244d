using System.Text.Json.Serialization;
using Beamline.Abstractions.Updates;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Runs;

/// <summary>One sequence that a run produced.</summary>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Index">Its place among the sequences of that prompt.</param>
/// <param name="Text">Its text.</param>
/// <param name="TokenIds">Generated ids without the prompt, the stop id included.</param>
/// <param name="StopReason">Why it ended: <c>eos</c>, <c>stop</c>, <c>length</c> or <c>deadline</c>.</param>
/// <param name="Score">Beam search: the sequence score.</param>
/// <param name="Logprobs">When they were asked for.</param>
internal sealed record RunSequence(
    int Prompt,
    int Index,
    string Text,
    IReadOnlyList<int> TokenIds,
    string StopReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float? Score,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CompletionLogprobs? Logprobs)
{
    /// <summary>The form of a hypothesis.</summary>
    public static RunSequence Of(Hypothesis found) => new(
        found.Prompt,
        found.Index,
        found.Text,
        found.Ids,
        found.Reason.Value,
        found.Score,
        found.Logprobs.IsDefaultOrEmpty ? null : CompletionLogprobs.Of(found.Logprobs));
}
