using Beamline.ServiceDefaults;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;
using Microsoft.Extensions.Configuration.Memory;

namespace Beamline.Store;

/// <summary>The process that holds a cluster's membership, state and reminders where no Redis server is installed.</summary>
public static class StoreProcess
{
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:LogLevel:Beamline"] = "Information",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
        // Notes that flags about its own log files have no effect, which is the intention.
        ["Logging:LogLevel:ArgParser"] = "Error",
        // What stops a start is said in one line by ProcessHost.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
        // An unhealthy answer is for the one who asked, again and again.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Critical",
    };

    /// <summary>Runs the store until SIGTERM, Ctrl-C or <paramref name="cancellationToken"/>.</summary>
    /// <param name="args">Settings, such as <c>--urls http://127.0.0.1:6380 --Beamline:Store:Port 6379</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A number of <see cref="ExitCode"/>; what the operator has to change was written to standard error.</returns>
    public static Task<int> RunAsync(string[] args, CancellationToken cancellationToken = default) =>
        ProcessHost.RunAsync("beamline-store", () => Build(args), Console.Error, cancellationToken: cancellationToken);

    /// <summary>Builds the store; it runs once the host is started.</summary>
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.AddServiceDefaults();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSettings<StoreSettings>(builder.Configuration, StoreSettings.Section, StoreRules.FindFaults);
        builder.Services.AddSingleton<StoreService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreService>());
        builder.Services.AddHealthChecks().AddCheck<StoreHealthCheck>(
            "store", tags: [HealthEndpoints.ReadyTag], timeout: TimeSpan.FromSeconds(2));
        WebApplication app = builder.Build();
        app.MapHealthEndpoints();
        return app;
    }
}
