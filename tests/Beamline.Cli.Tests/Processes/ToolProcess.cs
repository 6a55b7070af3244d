using System.Diagnostics;
using System.Runtime.InteropServices;
using Beamline.Cli.Tests.Fakes;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Processes;

/// <summary>The tool as a user runs it: a process, its two outputs apart. Killed when its test ends first.</summary>
internal sealed partial class ToolProcess : IDisposable
{
    public const int Interrupt = 2, Terminate = 15;

    // Whatever hangs is told as such, with what it had said by then.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private ToolProcess(Process process) => _process = process;

    /// <summary>What is to be put before the tool's own arguments to start it.</summary>
    public static string[] Command => ["dotnet", typeof(CommandLine).Assembly.Location];

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Starts the tool.</summary>
    /// <param name="cache">Its folder for imported models.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="environment">Further variables.</param>
    public static ToolProcess Start(string cache, string[] args, params (string Name, string Value)[] environment) =>
        StartCommand([.. Command, .. args], [("BEAMLINE_CACHE", cache), .. environment]);

    /// <summary>Starts any command, such as a shell that limits the tool.</summary>
    public static ToolProcess StartCommand(string[] command, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.WithoutDiagnostics();
        start.OnTestDevice();
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Runs the tool to its end.</summary>
    public static async Task<CliRun> RunAsync(string cache, string[] args, params (string Name, string Value)[] environment)
    {
        using ToolProcess tool = Start(cache, args, environment);
        return await tool.EndAsync();
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int number) => Kill(_process.Id, number).ShouldBe(0);

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code, and what of both outputs was not read before.</returns>
    public async Task<CliRun> EndAsync()
    {
        _process.StandardInput.Close();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Task<string> output = _process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = _process.StandardError.ReadToEndAsync(cancellationToken);
        await Task.WhenAll(output, error, _process.WaitForExitAsync(cancellationToken)).WaitAsync(Limit, cancellationToken);
        return new CliRun(_process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
