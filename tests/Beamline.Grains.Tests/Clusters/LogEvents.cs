using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>What the silos of a cluster said, as events to wait for; what was said before the wait counts too.</summary>
internal sealed class LogEvents : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly List<(Predicate<string> Wanted, TaskCompletionSource<string> Found)> _waits = [];
    private ImmutableList<string> _said = [];

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<string> Said => _said;

    /// <summary>Waits for a line that holds all parts.</summary>
    public async Task<string> WaitForAsync(params string[] parts)
    {
        TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool Wanted(string line) => Array.TrueForAll(parts, part => line.Contains(part, StringComparison.Ordinal));
        lock (_gate)
        {
            if (_said.Find(Wanted) is { } line) return line;
            _waits.Add((Wanted, found));
        }
        try
        {
            return await found.Task.WaitAsync(TestCluster.Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Nobody said {string.Join(" .. ", parts)}, but:\n{string.Join('\n', Said)}");
        }
    }

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("Beamline", StringComparison.Ordinal) ? new Listener(this) : NullLogger.Instance;

    public void Dispose()
    {
    }

    private void Note(string line)
    {
        lock (_gate)
        {
            _said = _said.Add(line);
            foreach ((Predicate<string> wanted, TaskCompletionSource<string> found) in _waits)
            {
                if (wanted(line)) found.TrySetResult(line);
            }
        }
    }

    private sealed class Listener(LogEvents events) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            events.Note(exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}");
    }
}
