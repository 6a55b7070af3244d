using Microsoft.Extensions.Logging;

namespace Beamline.Engine.Tests.Faults;

/// <summary>A log that fails whenever something is wrong.</summary>
internal sealed class FailingLog : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Warning) throw new IOException("injected: the log");
    }
}
