using Beamline.Server.Http.Errors;

namespace Beamline.Server.Http.Models;

/// <summary>OpenAI's envelope for a change that failed on at least one worker, with what happened on all.</summary>
/// <param name="Error">What is wrong.</param>
/// <param name="Workers">What happened on each worker, by id.</param>
internal sealed record ModelChangeFailure(ErrorBody Error, WorkerChange[] Workers);
