using Beamline.Client;
using Beamline.Server.Administration;
using Beamline.Server.Http.Clusters;
using Beamline.Server.Http.Completions;
using Beamline.Server.Http.Models;
using Beamline.Server.Http.Requests;
using Beamline.Server.Http.Runs;
using Beamline.Server.Limits;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Beamline.Server.Http;

/// <summary>The HTTP API of a gateway.</summary>
internal static class ApiExtensions
{
    /// <summary>Registers what the routes need.</summary>
    public static void AddBeamlineApi(this WebApplicationBuilder builder)
    {
        LimitSettings limits = builder.Services.AddSettings<LimitSettings>(builder.Configuration, LimitSettings.Section, _ => []);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = limits.BodyBytes);
        builder.Services.AddBeamlineClient();
        builder.Services.AddSettings<AdministrationSettings>(builder.Configuration, AdministrationSettings.Section, _ => []);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<CompletionEndpoint>();
        builder.Services.AddSingleton<ModelChanger>();
        builder.Services.AddSingleton<ModelChangeEndpoint>();
        builder.Services.AddSingleton<RunEndpoints>();
    }

    /// <summary>Maps the routes. Health checks stand apart: supervisors do not read envelopes.</summary>
    public static void MapBeamlineApi(this WebApplication app)
    {
        app.UseWhen(context => !context.Request.Path.StartsWithSegments(HealthEndpoints.Root), api =>
        {
            api.UseMiddleware<ErrorHandling>();
            api.Use(RunIds.AssignAsync);
        });
        app.MapPost("/v1/completions", context => context.RequestServices.GetRequiredService<CompletionEndpoint>().InvokeAsync(context));
        app.MapGet("/v1/requests/{id}", context => Runs(context).GetAsync(context));
        app.MapDelete("/v1/requests/{id}", context => Runs(context).CancelAsync(context));
        app.MapGet("/v1/requests/{id}/events", context => Runs(context).ReadAsync(context));
        app.MapGet("/v1/cluster", ClusterEndpoint.GetAsync);
        app.MapGet("/v1/models", ModelEndpoints.ListAsync);
        // A catch-all, since names such as "org/model" are usual.
        app.MapGet("/v1/models/{**id}", ModelEndpoints.GetAsync);
        app.MapPost(
            "/v1/models/{**id}", context => context.RequestServices.GetRequiredService<ModelChangeEndpoint>().InvokeAsync(context));
    }

    private static RunEndpoints Runs(HttpContext context) => context.RequestServices.GetRequiredService<RunEndpoints>();
}
