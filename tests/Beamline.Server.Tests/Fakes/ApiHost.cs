using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Client;
using Beamline.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace Beamline.Server.Tests.Fakes;

/// <summary>The HTTP API over a real server and a scripted cluster.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, ScriptedRun run)
    {
        _app = app;
        Run = run;
        Http = new() { BaseAddress = new(app.Urls.Single()) };
    }

    /// <summary>The only run.</summary>
    public ScriptedRun Run { get; }

    /// <summary>A client of it.</summary>
    public HttpClient Http { get; }

    /// <summary>Tells the server to stop.</summary>
    public Task StopAsync() => _app.StopAsync(Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<ApiHost> StartAsync(params string[] settings) => StartAsync(new ScriptedRun(Stories.Whole), settings);

    public static Task<ApiHost> StartAsync(Func<GenerationRequest, ImmutableArray<GenerationUpdate>> tell) =>
        StartAsync(new ScriptedRun(tell));

    public static Task<ApiHost> StartAsync(ScriptedRun run, params string[] settings) =>
        StartAsync(run, [new ScriptedWorker("host", "tales", "org/large")], settings);

    public static async Task<ApiHost> StartAsync(ScriptedRun run, ScriptedWorker[] workers, params string[] settings)
    {
        IGrainFactory grains = Substitute.For<IGrainFactory>();
        grains.GetGrain<ISequenceGrain>(Arg.Any<string>(), null).Returns(run);
        grains.GetGrain<IWorkerDirectoryGrain>(Arg.Any<string>(), null).Returns(new ScriptedDirectory(workers));
        foreach (ScriptedWorker worker in workers) grains.GetGrain<IModelWorkerGrain>(worker.Id.ToString(), null).Returns(worker);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None", .. settings]);
        builder.Services.AddSingleton(grains);
        builder.AddBeamlineApi();
        // A scripted failure is meant; waiting for the cluster to recover would only take time.
        builder.Services.Configure<BeamlineClientOptions>(options => options.MaxRetries = 0);
        WebApplication app = builder.Build();
        app.MapBeamlineApi();
        await app.StartAsync(Token);
        return new(app, run);
    }

    /// <summary>Sends a completion request; anonymous objects and raw JSON alike.</summary>
    public Task<HttpResponseMessage> CompleteAsync(object body)
    {
        string json = body as string ?? JsonSerializer.Serialize(body);
        return Http.PostAsync("/v1/completions", new StringContent(json, Encoding.UTF8, "application/json"), Token);
    }

    /// <summary>An answer's JSON.</summary>
    public static async Task<JsonElement> JsonOf(HttpResponseMessage answer)
    {
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        return document.RootElement.Clone();
    }

    /// <summary>The data of an answer's server-sent events.</summary>
    public static async Task<string[]> EventsOf(HttpResponseMessage answer)
    {
        string body = await answer.Content.ReadAsStringAsync(Token);
        string[] events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        events.ShouldAllBe(e => e.StartsWith("data: "));
        return [.. events.Select(e => e["data: ".Length..])];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
