using System.Net;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Beamline.ServiceDefaults.Tests;

public sealed class ServiceDefaultsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Telemetry_WithoutExporter_IsNotThere()
    {
        await using WebApplication app = Build(_ => { }, $"--{TelemetryNames.ExporterEndpoint}", "");
        app.Services.GetService<TracerProvider>().ShouldBeNull();
        app.Services.GetService<MeterProvider>().ShouldBeNull();
    }

    [Fact]
    public async Task Telemetry_WithExporter_IsThere()
    {
        await using WebApplication app = Build(_ => { }, $"--{TelemetryNames.ExporterEndpoint}", "http://127.0.0.1:1");
        app.Services.GetService<TracerProvider>().ShouldNotBeNull();
        app.Services.GetService<MeterProvider>().ShouldNotBeNull();
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK, """{"status":"healthy","checks":{"part":"well"}}""")]
    [InlineData(false, HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","checks":{"part":"ill"}}""")]
    public async Task Ready_FollowsTheChecks_AndLiveDoesNot(bool isWell, HttpStatusCode status, string body)
    {
        HealthCheckResult result = isWell ? HealthCheckResult.Healthy("well") : HealthCheckResult.Unhealthy("ill");
        await using WebApplication app = Build(checks => checks.AddCheck("part", () => result, [HealthEndpoints.ReadyTag]));
        app.MapHealthEndpoints();
        await app.StartAsync(Token);
        using HttpClient http = new() { BaseAddress = new(app.Urls.Single()) };

        HttpResponseMessage ready = await http.GetAsync(HealthEndpoints.Ready, Token);
        ready.StatusCode.ShouldBe(status);
        (await ready.Content.ReadAsStringAsync(Token)).ShouldBe(body);
        (await http.GetAsync(HealthEndpoints.Live, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static WebApplication Build(Action<IHealthChecksBuilder> configure, params string[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder([.. settings, "--Logging:LogLevel:Default", "None"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        configure(builder.Services.AddHealthChecks());
        return builder.Build();
    }
}
