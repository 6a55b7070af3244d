using Beamline.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Beamline.ServiceDefaults.Telemetry;

/// <summary>Sends traces, metrics and logs where the standard variables say.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Adds OpenTelemetry when an exporter is configured; without one nothing is loaded, so the start costs nothing.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (TelemetryNames.IsExported(builder.Configuration)) AddOpenTelemetry(builder);
    }

    private static void AddOpenTelemetry(IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(TelemetryNames.Beamline, TelemetryNames.OrleansMeter)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithTracing(traces => traces
                .AddSource(TelemetryNames.Beamline)
                .AddSource(TelemetryNames.OrleansSources)
                .AddAspNetCoreInstrumentation(web => web.Filter = context => !context.Request.Path.StartsWithSegments(HealthEndpoints.Root))
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }
}
