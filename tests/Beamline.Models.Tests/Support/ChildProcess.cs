using System.Diagnostics;
using Beamline.Testing;

namespace Beamline.Models.Tests.Support;

/// <summary>This test program once more, running one explicit test in a process of its own.</summary>
public sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="method">Full name of an explicit test.</param>
    /// <param name="variables">What it finds in its environment.</param>
    public static ChildProcess Start(string method, params (string Name, string Value)[] variables)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Beamline.Models.Tests.dll");
        string[] options = ["--explicit", "only", "--filter-method", method, "--no-ansi", "--progress", "off", "--show-live-output", "on"];
        ProcessStartInfo start = new("dotnet", [program, .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.WithoutDiagnostics();
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>What it wrote; its exit code is 0.</returns>
    public async Task<string> RunToEndAsync(CancellationToken cancellationToken)
    {
        string output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        _process.ExitCode.ShouldBe(0, output);
        output.ShouldContain("succeeded: 1");
        return output;
    }

    /// <summary>Waits until a line holds a word, then kills it.</summary>
    public async Task KillAtAsync(string word, CancellationToken cancellationToken)
    {
        await WaitForAsync(word, cancellationToken);
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until a line holds a word.</summary>
    public async Task WaitForAsync(string word, CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains(word, StringComparison.Ordinal)) return;
        }
        Assert.Fail($"The child ended without writing '{word}'.");
    }

    /// <summary>Gives it the line that it waits for.</summary>
    public async Task GoOnAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
