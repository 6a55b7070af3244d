using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Server.Administration;
using Beamline.Server.Http.Errors;
using Microsoft.Extensions.Options;

namespace Beamline.Server.Http.Models;

/// <summary><c>POST /v1/models/{id}/load</c> and <c>/unload</c>.</summary>
internal sealed class ModelChangeEndpoint(ModelChanger changer, IOptions<AdministrationSettings> settings)
{
    private const string Load = "/load", Unload = "/unload";

    /// <summary>Has workers load or unload a model, and tells what happened on each.</summary>
    /// <exception cref="BeamlineException">The caller may not, or the request is malformed; nothing was changed.</exception>
    public async Task InvokeAsync(HttpContext context)
    {
        string path = context.Request.RouteValues["id"] as string ?? "";
        bool isLoad = path.EndsWith(Load, StringComparison.Ordinal);
        if (!isLoad && !path.EndsWith(Unload, StringComparison.Ordinal))
        {
            (context.Response.StatusCode, context.Response.Headers.Allow) = (StatusCodes.Status405MethodNotAllowed, HttpMethods.Get);
            return;     // said in words by ErrorHandling, as where routing answers
        }
        AdministrationGuard.Check(context, settings.Value);
        string model = path[..^(isLoad ? Load : Unload).Length];
        string[]? wanted = await ModelChangeReader.ReadAsync(context.Request, context.RequestAborted);
        ImmutableArray<WorkerDescription> known = await changer.GetWorkersAsync(context.RequestAborted);
        string[] workers = Choose(wanted, [.. known.Select(worker => worker.Id.ToString())]);
        WorkerChange[] changes = isLoad
            ? await changer.LoadAsync(model, workers, context.RequestAborted)
            : await changer.UnloadAsync(model, workers, context.RequestAborted);
        if (FailureOf(model, changes) is { } error)
        {
            context.Response.StatusCode = HttpFailure.Of(error.Code).Status;
            ModelChangeFailure failure = new(ErrorEnvelope.Of(error).Error, changes);
            await context.Response.WriteAsJsonAsync(failure, ModelJson.Answers.ModelChangeFailure);
            return;
        }
        model = changes.Select(change => change.Model).FirstOrDefault(name => name is not null) ?? model;
        string[] servedBy = await changer.GetServingAsync(model, changes, context.RequestAborted);
        string? message = !isLoad && servedBy.Length == 0 ? $"No worker of the cluster serves {model} any more." : null;
        ModelChangeAnswer answer = new("model.change", model, changes, servedBy, message);
        await context.Response.WriteAsJsonAsync(answer, ModelJson.Answers.ModelChangeAnswer);
    }

    private static string[] Choose(string[]? wanted, string[] known)
    {
        if (known.Length == 0) throw new BeamlineException(BeamlineErrorCode.NoWorker, "The cluster has no worker at present.");
        if (wanted is null) return known;
        string[] unknown = [.. wanted.Except(known)];
        return unknown.Length == 0
            ? wanted
            : throw new BeamlineException(BeamlineError.Invalid(
                [new Fault("workers", string.Join(", ", unknown), $"ids out of {string.Join(", ", known)}")]));
    }

    /// <summary>What was wrong, with the code of the first worker that failed; null when nothing was.</summary>
    private static BeamlineError? FailureOf(string model, WorkerChange[] changes)
    {
        string told = string.Join("; ", changes.Select(change => change.ToString().TrimEnd('.')));
        if (changes.FirstOrDefault(change => change.Message is not null) is { } failed)
        {
            return BeamlineError.Of(new(failed.Result), $"{model}: {told}.");
        }
        return changes.All(change => change.Result == WorkerChange.WasNotLoaded)
            ? BeamlineError.Of(BeamlineErrorCode.ModelNotFound, $"There is no model '{model}' to unload: {told}.")
            : null;
    }
}
