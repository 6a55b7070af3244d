using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Beamline.ServiceDefaults.Health;

/// <summary>The two questions that supervisors ask: is the process alive, and does it take work.</summary>
public static class HealthEndpoints
{
    /// <summary>Where both begin; left out of traces.</summary>
    public const string Root = "/health";

    /// <summary>
    /// 200 while the process answers at all, and all checks marked <see cref="LiveTag"/> pass. A supervisor restarts it when it does not.
    /// </summary>
    public const string Live = "/health/live";

    /// <summary>
    /// 200 while all checks marked <see cref="ReadyTag"/> pass, else 503. A load balancer sends work to those that are ready.
    /// </summary>
    public const string Ready = "/health/ready";

    /// <summary>The tag of checks whose failure only a new process can mend.</summary>
    public const string LiveTag = "live";

    /// <summary>The tag of checks that decide about readiness.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Maps both. Answers are <c>{"status":"unhealthy","checks":{"workers":"no worker is ready"}}</c>.</summary>
    public static IEndpointRouteBuilder MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(Live, new() { Predicate = check => check.Tags.Contains(LiveTag), ResponseWriter = WriteAsync });
        routes.MapHealthChecks(Ready, new() { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync });
        return routes;
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter json = new(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", Word(report.Status));
        json.WriteStartObject("checks");
        foreach ((string name, HealthReportEntry entry) in report.Entries) json.WriteString(name, entry.Description ?? Word(entry.Status));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
