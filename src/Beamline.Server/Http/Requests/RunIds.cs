using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Microsoft.Extensions.Primitives;

namespace Beamline.Server.Http.Requests;

/// <summary>
/// Names each request: by the caller's <c>X-Request-Id</c>, else by a new id. The same id with the same content is the same run.
/// </summary>
internal static class RunIds
{
    /// <summary>The header that carries the id both ways.</summary>
    public const string Header = "X-Request-Id";

    private static readonly object Key = new();

    /// <summary>Chooses the id and returns it to the caller.</summary>
    /// <exception cref="BeamlineException">The caller's id is malformed.</exception>
    public static Task AssignAsync(HttpContext context, RequestDelegate next)
    {
        StringValues given = context.Request.Headers[Header];
        RequestId id = StringValues.IsNullOrEmpty(given) ? RequestId.New() : new(given.ToString());
        context.Items[Key] = id.IsValid ? id.Value : RequestId.New().Value;
        context.SetRunIdHeader();
        if (!id.IsValid)
        {
            throw new BeamlineException(BeamlineError.Invalid(
                [new Fault(Header, $"'{id.Value}'", RequestId.Rule)]));
        }
        return next(context);
    }

    /// <summary>The request's id.</summary>
    public static string RunId(this HttpContext context) => context.Items[Key] as string ?? "";

    /// <summary>Returns the id to the caller.</summary>
    public static void SetRunIdHeader(this HttpContext context) => context.Response.Headers[Header] = context.RunId();
}
