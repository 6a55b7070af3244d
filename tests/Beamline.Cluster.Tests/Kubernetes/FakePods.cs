using System.Collections.Concurrent;
using System.Text.Json;
using Beamline.Cluster.Tests.Processes;
using Beamline.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Beamline.Cluster.Tests.Kubernetes;

/// <summary>As much of the Kubernetes API as a silo uses, over https with a token, and what was asked of it.</summary>
internal sealed class FakePods : IAsyncDisposable
{
    /// <summary>The namespace of all pods.</summary>
    public const string Namespace = "stories";

    private const string Token = "of this test", Address = "127.0.0.1";
    private readonly TlsFiles _tls = new("kubernetes.default.svc");
    private readonly TemporaryFolder _account = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, string>> _pods = new();
    private readonly TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    private FakePods(string[] allowed)
    {
        File.WriteAllText(_account.PathOf("token"), Token);
        File.Copy(_tls.AuthoritiesFile, _account.PathOf("ca.crt"));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listening => listening.UseHttps(_tls.Load())));
        _app = builder.Build();
        _app.Use(AuthenticateAsync);
        _app.MapPost("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", context => ReviewAsync(context, allowed));
        _app.MapGet("/api/v1/namespaces/{space}/pods/{name}", GetAsync);
        _app.MapGet("/api/v1/namespaces/{space}/pods", context =>
            context.Request.Query["watch"] == "true" ? WatchAsync(context) : ListAsync(context));
        _app.MapFallback(context =>
        {
            Used.Enqueue($"{context.Request.Method} {context.Request.Path}");
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
    }

    /// <summary>Verbs on pods that were used, in order; anything else as method and path.</summary>
    public ConcurrentQueue<string> Used { get; } = new();

    /// <summary>Completes when a silo watches the pods.</summary>
    public Task Watched => _watched.Task;

    /// <summary>Starts one.</summary>
    /// <param name="allowed">Verbs that the account may use on pods.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<FakePods> StartAsync(string[] allowed, CancellationToken cancellationToken)
    {
        FakePods pods = new(allowed);
        await pods._app.StartAsync(cancellationToken);
        return pods;
    }

    /// <summary>Adds a pod, or changes its labels.</summary>
    public void Set(string name, string clusterId = "beamline", string serviceId = "beamline") =>
        _pods[name] = new() { ["orleans/clusterId"] = clusterId, ["orleans/serviceId"] = serviceId };

    /// <summary>Removes a pod.</summary>
    public void Remove(string name) => _pods.TryRemove(name, out _);

    /// <summary>The environment that a pod's process sees.</summary>
    public Dictionary<string, string?> EnvironmentOf(string name) => new()
    {
        ["POD_NAME"] = name, ["POD_NAMESPACE"] = Namespace, ["POD_IP"] = Address,
        ["KUBERNETES_SERVICE_HOST"] = Address, ["KUBERNETES_SERVICE_PORT"] = $"{new Uri(_app.Urls.Single()).Port}",
        ["Beamline__Cluster__Kubernetes__Enabled"] = "true",
        ["Beamline__Cluster__Kubernetes__ServiceAccountFolder"] = _account.Path,
    };

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);        // watches have no end of their own
        await _app.DisposeAsync();
        _account.Dispose();
        _tls.Dispose();
    }

    private static Task AuthenticateAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers.Authorization == $"Bearer {Token}") return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private static async Task ReviewAsync(HttpContext context, string[] allowed)
    {
        JsonElement question = await context.Request.ReadFromJsonAsync<JsonElement>();
        JsonElement wanted = question.GetProperty("spec").GetProperty("resourceAttributes");
        bool isAllowed = wanted.GetProperty("namespace").GetString() == Namespace
            && wanted.GetProperty("resource").GetString() == "pods"
            && allowed.Contains(wanted.GetProperty("verb").GetString());
        await context.Response.WriteAsJsonAsync(new
        {
            kind = "SelfSubjectAccessReview", apiVersion = "authorization.k8s.io/v1", spec = new { }, status = new { allowed = isAllowed },
        });
    }

    private Task GetAsync(HttpContext context)
    {
        Used.Enqueue("get");
        if (_pods.ContainsKey((string)context.GetRouteValue("name")!))
        {
            return context.Response.WriteAsJsonAsync(Pod((string)context.GetRouteValue("name")!));
        }
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Task ListAsync(HttpContext context)
    {
        Used.Enqueue("list");
        return context.Response.WriteAsJsonAsync(
            new { kind = "PodList", apiVersion = "v1", metadata = new { }, items = _pods.Keys.Select(Pod) });
    }

    private async Task WatchAsync(HttpContext context)
    {
        Used.Enqueue("watch");
        await context.Response.StartAsync();
        _watched.TrySetResult();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private object Pod(string name) => new
    {
        kind = "Pod", apiVersion = "v1", metadata = new Dictionary<string, object>
        {
            ["name"] = name, ["namespace"] = Namespace, ["labels"] = _pods[name],
        },
    };
}
