using Beamline.Server.Cluster;
using Beamline.Server.Cluster.Settings;
using Beamline.Server.Http;
using Beamline.ServiceDefaults;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Processes;
using Microsoft.Extensions.Configuration.Memory;

namespace Beamline.Server.Hosting;

/// <summary>The server process: a silo, a gateway, or both.</summary>
public static class BeamlineServer
{
    // The least specific settings: a file, a variable or an argument wins over them.
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Orleans"] = "Warning",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
        // Every connection that is closed as it should be is told with an exception.
        ["Logging:LogLevel:StackExchange"] = "Warning",
        // A line for every placement of a grain.
        ["Logging:LogLevel:Polly"] = "Warning",
        // Notes about server GC, which is off on purpose, and about the time since the machine's own start; and a stack
        // trace for what stops a start.
        ["Logging:LogLevel:Orleans.Runtime.Silo"] = "Critical",
        ["Logging:LogLevel:Orleans.Runtime.SiloLifecycleSubject"] = "Critical",
        ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
        // One stack trace a try while a silo is not there; membership says in a line who left.
        ["Logging:LogLevel:Orleans.Runtime.Messaging.ConnectionManager"] = "Error",
        // A stack trace for each failed call; what it means is said in a line by those who made it.
        ["Logging:LogLevel:Orleans.Persistence"] = "None",
        ["Logging:LogLevel:Orleans.Storage"] = "None",
        // An unhealthy answer is for the one who asked, again and again.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Critical",
        // What stops a start is said in one line by ProcessHost.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
    };

    /// <summary>Builds the process and runs it until SIGTERM, Ctrl-C or <paramref name="cancellationToken"/>.</summary>
    /// <param name="args">Settings, such as <c>--urls http://127.0.0.1:8080 --Beamline:Cluster:SiloPort 11111</c>.</param>
    /// <param name="configure">Adds to the process.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A number of <see cref="ExitCode"/>; what the operator has to change was written to standard error.</returns>
    public static Task<int> RunAsync(
        string[] args, Action<WebApplicationBuilder>? configure = null, CancellationToken cancellationToken = default) =>
        ProcessHost.RunAsync("beamline", () => Build(args, configure), Console.Error, CheckAsync, cancellationToken);

    /// <summary>Builds the process; nothing of it runs yet, and its settings are not yet checked.</summary>
    /// <param name="args">Settings, as for <see cref="RunAsync"/>.</param>
    /// <param name="configure">Adds to the process.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.AddServiceDefaults();
        ClusterSettings cluster = builder.AddBeamlineCluster();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddHealthChecks().AddCheck<LifetimeHealthCheck>("process", tags: [HealthEndpoints.ReadyTag]);
        if (cluster.HasSilo) builder.Services.AddHealthChecks().AddCheck<EnginesHealthCheck>("engines", tags: [HealthEndpoints.LiveTag]);
        if (cluster.HasGateway) AddGateway(builder);
        configure?.Invoke(builder);

        WebApplication app = builder.Build();
        app.MapHealthEndpoints();
        if (cluster.HasGateway) app.MapBeamlineApi();
        return app;
    }

    /// <summary>Checks ports and the cluster's store before the host starts.</summary>
    /// <exception cref="StartException">Something has to be changed first.</exception>
    public static Task CheckAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<ClusterPreflight>().CheckAsync(cancellationToken);

    private static void AddGateway(WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck<WorkersHealthCheck>(
            "workers", tags: [HealthEndpoints.ReadyTag], timeout: TimeSpan.FromSeconds(2));
        builder.AddBeamlineApi();
    }
}
