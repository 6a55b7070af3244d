using Beamline.Abstractions.Searches;
using Microsoft.Extensions.Logging;

namespace Beamline.Engine;

/// <content>What the engine's thread tells the log.</content>
internal sealed partial class BatchLoop
{
    [LoggerMessage(LogLevel.Warning, "A forward pass of {Model} failed; its searches move and the session is rebuilt.")]
    private partial void LogPassFailed(Exception failure, string model);

    [LoggerMessage(LogLevel.Error, "The session of {Model} could not be rebuilt.")]
    private partial void LogRebuildFailed(Exception failure, string model);

    [LoggerMessage(LogLevel.Error, "The engine of {Model} is unhealthy.")]
    private partial void LogUnhealthy(string model);

    [LoggerMessage(LogLevel.Error, "The engine of {Model} failed by a fault of its own.")]
    private partial void LogDefect(Exception failure, string model);

    [LoggerMessage(LogLevel.Error, "Search {Search} failed by a fault of Beamline's own.")]
    private partial void LogSearchFailed(Exception failure, SearchId search);
}
