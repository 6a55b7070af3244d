using System.Text.Json.Serialization;
using Beamline.Abstractions.Errors;

namespace Beamline.Server.Http.Models;

/// <summary>What a change of a model came to on one worker.</summary>
/// <param name="Worker">The worker's id.</param>
/// <param name="Result">
/// <c>loaded</c>, <c>was_loaded</c>, <c>unloaded</c>, <c>was_not_loaded</c>; else the word of an error, as in
/// <see cref="BeamlineErrorCode"/>.
/// </param>
/// <param name="Message">What went wrong; left out when nothing did.</param>
internal sealed record WorkerChange(
    string Worker, string Result, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message = null)
{
    internal const string Loaded = "loaded", WasLoaded = "was_loaded", Unloaded = "unloaded", WasNotLoaded = "was_not_loaded";

    /// <summary>Whether the worker serves the model now, as far as this change tells.</summary>
    [JsonIgnore]
    public bool IsServing => Result is Loaded or WasLoaded;

    /// <summary>The model by the name that workers know it by: <c>tales</c> for <c>tales@fp32</c>; null when none answered.</summary>
    [JsonIgnore]
    public string? Model { get; init; }

    /// <summary>A change that failed.</summary>
    public static WorkerChange Of(string worker, BeamlineError error) => new(worker, error.Code.Value, error.Message);

    /// <summary>In words, for a person.</summary>
    public override string ToString() => $"{Worker}: {Message ?? Result.Replace('_', ' ')}";
}
