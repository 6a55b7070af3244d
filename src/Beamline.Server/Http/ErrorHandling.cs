using Beamline.Abstractions.Errors;
using Beamline.Server.Http.Errors;
using Beamline.Server.Http.Requests;

namespace Beamline.Server.Http;

/// <summary>Turns whatever goes wrong below it into OpenAI's envelope, unless the answer has begun.</summary>
internal sealed partial class ErrorHandling(RequestDelegate next, ILogger<ErrorHandling> logger)
{
    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await ExplainEmptyAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted) context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            BeamlineError error = ErrorAnswer.Of(e);
            if (error.Code == BeamlineErrorCode.Internal) LogFailed(e, context.RunId());
            context.Response.Clear();
            context.SetRunIdHeader();
            await ErrorAnswer.WriteAsync(context.Response, error);
        }
    }

    // Routing answers without a body.
    private static Task ExplainEmptyAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        string asked = $"{context.Request.Method} {context.Request.Path}";
        if (response.HasStarted || response.ContentLength > 0) return Task.CompletedTask;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ErrorAnswer.WriteAsync(
                response, BeamlineError.Of(HttpFailure.RouteNotFound, $"There is no {asked}.")),
            StatusCodes.Status405MethodNotAllowed => ErrorAnswer.WriteAsync(
                response, BeamlineError.Of(HttpFailure.MethodNotAllowed, $"There is no {asked}; allowed: {response.Headers.Allow}.")),
            _ => Task.CompletedTask,
        };
    }

    [LoggerMessage(LogLevel.Error, "Request {Request} failed.")]
    private partial void LogFailed(Exception exception, string request);
}
