using System.Text.Json.Serialization;

namespace Beamline.Server.Http.Models;

/// <summary>What loading or unloading a model came to.</summary>
/// <param name="Object">Always <c>model.change</c>.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Workers">What happened on each worker, by id.</param>
/// <param name="ServedBy">Ids of the workers that serve it now.</param>
/// <param name="Message">What a person should know besides; left out when there is nothing.</param>
internal sealed record ModelChangeAnswer(
    string Object,
    string Model,
    WorkerChange[] Workers,
    string[] ServedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message);
