using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Beamline.Testing;

/// <summary>A program in a process of its own. Whatever a test does, nothing of it is left behind.</summary>
public sealed partial class TestProcess : IAsyncDisposable
{
    private const int Sigterm = 15, Sigcont = 18, Sigstop = 19;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly List<(Predicate<string> Wanted, TaskCompletionSource<string> Found)> _waits = [];
    private readonly Lock _gate = new();

    private TestProcess(Process process) => _process = process;

    /// <summary>The process' number.</summary>
    public int Id => _process.Id;

    /// <summary>What it has written so far, standard output and standard error together.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>Completes when it has ended.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>Its exit code; valid once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program of the repository as it was built for this test.</summary>
    /// <param name="assembly">Any type of the program's assembly, which lies beside the test.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    public static TestProcess Start(Type assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        return Start("dotnet", [assembly.Assembly.Location, .. arguments], environment);
    }

    /// <summary>Starts a program of the machine.</summary>
    /// <param name="program">Its file, or its name when it is on the path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    public static TestProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory,
        };
        start.WithoutDiagnostics();
        start.OnTestDevice();
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        TestProcess process = new(new() { StartInfo = start });
        process.Begin();
        return process;
    }

    /// <summary>Waits for a line that it has written or will write.</summary>
    /// <exception cref="InvalidOperationException">It ended first; the message holds all it wrote.</exception>
    public async Task<string> LineAsync(Predicate<string> wanted, CancellationToken cancellationToken)
    {
        TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_output.FirstOrDefault(line => wanted(line)) is { } line) return line;
            _waits.Add((wanted, found));
        }
        Task first = await Task.WhenAny(found.Task, Exited).WaitAsync(cancellationToken);
        if (first != found.Task && !found.Task.IsCompleted)
        {
            throw new InvalidOperationException($"The process ended with {ExitCode} before the line came. It wrote:\n{Output}");
        }
        return await found.Task;
    }

    /// <summary>Stops its threads where they are, as a machine does that hangs.</summary>
    public void Freeze() => Send(Sigstop);

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => Send(Sigcont);

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        Send(Sigterm);
        await _process.WaitForExitAsync(cancellationToken);
        return ExitCode;
    }

    /// <summary>Kills it at once, as a crash would, and waits for the end.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await Exited;
    }

    /// <summary>Kills it if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Send(int signal)
    {
        if (Kill(Id, signal) != 0) throw new InvalidOperationException($"Process {Id} could not be sent signal {signal}.");
    }

    private void Begin()
    {
        _process.OutputDataReceived += (_, e) => Note(e.Data);
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            _output.Enqueue(line);
            foreach ((Predicate<string> wanted, TaskCompletionSource<string> found) in _waits)
            {
                if (wanted(line)) found.TrySetResult(line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
