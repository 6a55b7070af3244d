using System.Text.Json.Serialization;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Server.Http.Errors;

namespace Beamline.Server.Http.Runs;

/// <summary>Where a run is, and its outcome once it has one.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Object">Always <c>request</c>.</param>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="NextPosition">The number the next event will have.</param>
/// <param name="GeneratedTokens">Tokens so far; a step of a beam search counts as one.</param>
/// <param name="Result">What it produced; left out until it is complete.</param>
/// <param name="Error">Why it has none; left out unless it failed or was cancelled.</param>
internal sealed record RunAnswer(
    string Id,
    string Object,
    string Status,
    long NextPosition,
    int GeneratedTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RunOutcome? Result = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorBody? Error = null)
{
    /// <summary>The answer to a snapshot of a run that is known.</summary>
    public static RunAnswer Of(RequestId id, RunSnapshot snapshot) => new(
        id.Value,
        "request",
        StatusOf(snapshot),
        snapshot.NextPosition,
        snapshot.GeneratedTokens,
        snapshot.Result is { } result ? RunOutcome.Of(result) : null,
        snapshot.Error is { } error ? ErrorEnvelope.Of(error).Error : null);

    private static string StatusOf(RunSnapshot snapshot) => snapshot.State switch
    {
        RunState.Completed => "completed",
        RunState.Failed when snapshot.Error?.Code == BeamlineErrorCode.Cancelled => "cancelled",
        RunState.Failed => "failed",
        _ => "in_progress",
    };
}
