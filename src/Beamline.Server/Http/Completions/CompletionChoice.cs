using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Completions;

/// <summary>One sequence, or what was added to it.</summary>
/// <param name="Index">Its number: prompt x n + place among the prompt's sequences.</param>
/// <param name="Text">Its text.</param>
/// <param name="Logprobs">When asked for, else null.</param>
/// <param name="FinishReason">OpenAI's word, <c>stop</c> or <c>length</c>; null while it goes on.</param>
/// <param name="StopReason">Beamline's own word: <c>eos</c>, <c>stop</c>, <c>length</c> or <c>deadline</c>.</param>
/// <param name="Score">Beam search: the sequence score.</param>
/// <param name="TokenIds">When asked for: generated ids without the prompt.</param>
internal sealed record CompletionChoice(
    int Index,
    string Text,
    CompletionLogprobs? Logprobs,
    string? FinishReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StopReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float? Score = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<int>? TokenIds = null);
