using Beamline.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Beamline.ServiceDefaults.Processes;

/// <summary>Runs a host as a process: what its operator got wrong is said in one line each, without a stack trace.</summary>
public static class ProcessHost
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>Builds and runs a host until it is told to stop.</summary>
    /// <param name="name">The process' name, which begins each line.</param>
    /// <param name="build">Makes the host.</param>
    /// <param name="errors">Where the lines go.</param>
    /// <param name="preflight">Checked after the settings and before the host starts; throws <see cref="StartException"/>.</param>
    /// <param name="cancellationToken">Stops the host, as SIGTERM does.</param>
    /// <returns>A number of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        string name,
        Func<IHost> build,
        TextWriter errors,
        Func<IServiceProvider, CancellationToken, Task>? preflight = null,
        CancellationToken cancellationToken = default)
    {
        try
        {
            using IHost host = build();
            CheckSettings(host.Services);
            if (preflight is not null) await preflight(host.Services, cancellationToken);
            await StartAsync(host, cancellationToken);
            await host.WaitForShutdownAsync(cancellationToken);
            return host.Services.GetService<ProcessFault>()?.Reason is { } reason ? throw reason : ExitCode.Success;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
        catch (Exception e) when (StartFaults.Find(e) is { Count: > 0 } lines)
        {
            foreach (string line in lines) await errors.WriteLineAsync($"{name}: {line}");
            return ExitCode.CallersFault;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await errors.WriteLineAsync($"{name}: {StartFaults.OneLine(e)}");
            return ExitCode.Failure;
        }
    }

    /// <summary>Starts a host. What has started before a failure, such as a silo, leaves its cluster properly.</summary>
    public static async Task StartAsync(IHost host, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch
        {
            using CancellationTokenSource limit = new(StopLimit);
            await host.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Checks every <see cref="CheckedSection"/>, and the settings of all options classes that asked for it.</summary>
    /// <remarks>The host does so itself, but only after it has made every hosted service, and these read settings too.</remarks>
    /// <exception cref="StartException">At least one is wrong.</exception>
    public static void CheckSettings(IServiceProvider services)
    {
        List<string> lines = [.. services.GetServices<CheckedSection>()
            .SelectMany(section => SectionCheck.Find(section.Section, section.Options)).Select(fault => fault.ToString())];
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (Exception e) when (StartFaults.Find(e) is { Count: > 0 } found)
        {
            lines.AddRange(found);
        }
        if (lines.Count > 0) throw new StartException([.. lines.Distinct(StringComparer.Ordinal)]);
    }
}
