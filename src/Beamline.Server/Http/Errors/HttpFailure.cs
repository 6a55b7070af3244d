using Beamline.Abstractions.Errors;

namespace Beamline.Server.Http.Errors;

/// <summary>How HTTP says what an <see cref="BeamlineErrorCode"/> says.</summary>
/// <param name="Status">The status.</param>
/// <param name="Type">OpenAI's word for the kind of error.</param>
internal readonly record struct HttpFailure(int Status, string Type)
{
    private const string Callers = "invalid_request_error";
    private const string Ours = "server_error";

    // Words that only HTTP knows.
    internal static readonly BeamlineErrorCode RouteNotFound = new("route_not_found");
    internal static readonly BeamlineErrorCode MethodNotAllowed = new("method_not_allowed");
    internal static readonly BeamlineErrorCode BodyTooLarge = new("body_too_large");
    internal static readonly BeamlineErrorCode UnsupportedMediaType = new("unsupported_media_type");

    private static readonly Dictionary<BeamlineErrorCode, HttpFailure> Known = new()
    {
        [BeamlineErrorCode.InvalidRequest] = new(StatusCodes.Status400BadRequest, Callers),
        [BeamlineErrorCode.Forbidden] = new(StatusCodes.Status403Forbidden, "permission_error"),
        [BeamlineErrorCode.ModelNotFound] = new(StatusCodes.Status404NotFound, Callers),
        [BeamlineErrorCode.RequestNotFound] = new(StatusCodes.Status404NotFound, Callers),
        [RouteNotFound] = new(StatusCodes.Status404NotFound, Callers),
        [MethodNotAllowed] = new(StatusCodes.Status405MethodNotAllowed, Callers),
        [BeamlineErrorCode.DeadlineExceeded] = new(StatusCodes.Status408RequestTimeout, Callers),
        [BeamlineErrorCode.Conflict] = new(StatusCodes.Status409Conflict, Callers),
        [BodyTooLarge] = new(StatusCodes.Status413PayloadTooLarge, Callers),
        [UnsupportedMediaType] = new(StatusCodes.Status415UnsupportedMediaType, Callers),
        [BeamlineErrorCode.Overloaded] = new(StatusCodes.Status429TooManyRequests, "rate_limit_error"),
        [BeamlineErrorCode.Cancelled] = new(StatusCodes.Status499ClientClosedRequest, Callers),
        [BeamlineErrorCode.NoWorker] = new(StatusCodes.Status503ServiceUnavailable, Ours),
        [BeamlineErrorCode.WorkerLost] = new(StatusCodes.Status503ServiceUnavailable, Ours),
        [BeamlineErrorCode.Storage] = new(StatusCodes.Status503ServiceUnavailable, Ours),
        [BeamlineErrorCode.NoRoom] = new(StatusCodes.Status507InsufficientStorage, Ours),
    };

    /// <summary>Status and type of an error; a code that is not known is ours, 500.</summary>
    public static HttpFailure Of(BeamlineErrorCode code) =>
        Known.TryGetValue(code, out HttpFailure failure) ? failure : new(StatusCodes.Status500InternalServerError, Ours);
}
