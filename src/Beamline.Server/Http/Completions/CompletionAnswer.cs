using System.Text.Json.Serialization;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Completions;

/// <summary>OpenAI's completion, whole or a piece of a stream.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Object">Always <c>text_completion</c>.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The model that generates.</param>
/// <param name="Choices">By prompt, then by sequence; in a stream the one that went on.</param>
/// <param name="Usage">Tokens, counted; in a stream only at the end and when asked for.</param>
/// <param name="Seed">Beamline's: the seed that was used. With it the same request gives the same bytes.</param>
/// <param name="Warnings">Beamline's: parameters without effect, one line each.</param>
internal sealed record CompletionAnswer(
    string Id,
    string Object,
    long Created,
    string Model,
    CompletionChoice[] Choices,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CompletionUsage? Usage = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Seed = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings = null);
