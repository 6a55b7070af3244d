using Microsoft.Extensions.Logging;

namespace Beamline.Engine.Tests.Faults;

/// <summary>Hears of defects that were not injected.</summary>
internal sealed class FaultLog(Action<string> defect) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string text = formatter(state, exception);
        if (!text.Contains("fault of", StringComparison.Ordinal) || exception is { Message: "injected: defect" }) return;
        defect($"{text} {exception}");
    }
}
