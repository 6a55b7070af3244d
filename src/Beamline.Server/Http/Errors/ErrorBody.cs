using System.Text.Json.Serialization;
using Beamline.Abstractions.Errors;

namespace Beamline.Server.Http.Errors;

/// <summary>What is wrong.</summary>
/// <param name="Message">All of it, in one line.</param>
/// <param name="Type">OpenAI's word for the kind of error.</param>
/// <param name="Param">The first field that is wrong; null when it is not about a field.</param>
/// <param name="Code">Beamline's word, as in <see cref="BeamlineErrorCode"/>.</param>
/// <param name="Faults">Each field that is wrong; left out when it is not about fields.</param>
internal sealed record ErrorBody(
    string Message,
    string Type,
    string? Param,
    string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorFault[]? Faults);
