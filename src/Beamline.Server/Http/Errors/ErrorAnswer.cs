using System.Globalization;
using Beamline.Abstractions.Errors;

namespace Beamline.Server.Http.Errors;

/// <summary>Writes an error as a whole answer.</summary>
internal static class ErrorAnswer
{
    /// <summary>Writes status, <c>Retry-After</c> when waiting helps, and the envelope.</summary>
    public static Task WriteAsync(HttpResponse response, BeamlineError error)
    {
        response.StatusCode = HttpFailure.Of(error.Code).Status;
        if (error.RetryAfter is { } wait)
        {
            long seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        return response.WriteAsJsonAsync(ErrorEnvelope.Of(error), ErrorJson.Answers.ErrorEnvelope);
    }

    /// <summary>What a caller is told of an exception; one of ours is told without its details.</summary>
    public static BeamlineError Of(Exception exception) => exception switch
    {
        BeamlineException { Error: var error } when error.Code != BeamlineErrorCode.Internal => error,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            BeamlineError.Of(HttpFailure.BodyTooLarge, "The body is too large; send fewer or shorter prompts."),
        BadHttpRequestException bad => BeamlineError.Of(BeamlineErrorCode.InvalidRequest, bad.Message),
        OrleansException or TimeoutException =>
            BeamlineError.Of(BeamlineErrorCode.NoWorker, "The cluster does not answer; try again.", retryAfter: TimeSpan.FromSeconds(1)),
        _ => BeamlineError.Of(
            BeamlineErrorCode.Internal, "The request failed through a fault of the server; its log says more under the X-Request-Id."),
    };
}
