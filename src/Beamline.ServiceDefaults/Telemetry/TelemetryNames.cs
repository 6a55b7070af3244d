using Microsoft.Extensions.Configuration;

namespace Beamline.ServiceDefaults.Telemetry;

/// <summary>Names under which traces and metrics are made.</summary>
public static class TelemetryNames
{
    /// <summary>The setting that names the exporter's endpoint, as OpenTelemetry calls it.</summary>
    public const string ExporterEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Beamline's own activity source and meter.</summary>
    public const string Beamline = "Beamline";

    /// <summary>Orleans' activity sources, without <c>Microsoft.Orleans.Runtime</c>: that one pings every second.</summary>
    public static readonly string[] OrleansSources =
        ["Microsoft.Orleans.Application", "Microsoft.Orleans.Lifecycle", "Microsoft.Orleans.Storage"];

    /// <summary>Orleans' meter.</summary>
    public const string OrleansMeter = "Microsoft.Orleans";

    /// <summary>Whether telemetry goes anywhere. Without an endpoint none of it is set up.</summary>
    public static bool IsExported(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[ExporterEndpoint]);
}
