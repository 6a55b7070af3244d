using Beamline.Abstractions.Searches;
using Beamline.Engine.Searches;
using Microsoft.Extensions.Logging;

namespace Beamline.Engine.Loop;

/// <content>What the engine's thread tells the log.</content>
internal sealed partial class EngineLoop : IPassGuardLog
{
    void IPassGuardLog.PassFailed(Exception failure, string model, int searches) => LogPassFailed(failure, model, searches);

    void IPassGuardLog.SearchImpossible(Exception failure, SearchId search) => LogImpossible(failure, search);

    void IPassGuardLog.ReopenFailed(Exception failure, string model) => LogReopenFailed(failure, model);

    private void LogSearchFailed(EngineSearch search, Exception failure) => LogSearchDefect(failure, search.Ticket.Id);

    [LoggerMessage(LogLevel.Warning, "A forward pass of {Model} over {Searches} searches failed; they are tried one by one.")]
    private partial void LogPassFailed(Exception failure, string model, int searches);

    [LoggerMessage(LogLevel.Warning, "Search {Search} makes the model fail; it has ended.")]
    private partial void LogImpossible(Exception failure, SearchId search);

    [LoggerMessage(LogLevel.Error, "{Model} could not be opened again.")]
    private partial void LogReopenFailed(Exception failure, string model);

    [LoggerMessage(LogLevel.Error, "No forward pass of {Model} succeeds; its searches move, and it is opened anew.")]
    private partial void LogBroken(string model);

    [LoggerMessage(LogLevel.Error, "{Model} was opened anew, but its passes still fail.")]
    private partial void LogStillBroken(string model);

    [LoggerMessage(LogLevel.Information, "{Model} works again.")]
    private partial void LogRecovered(string model);

    [LoggerMessage(LogLevel.Error, "The engine of {Model} failed by a fault of its own.")]
    private partial void LogDefect(Exception failure, string model);

    [LoggerMessage(LogLevel.Error, "Search {Search} failed by a fault of Beamline's own.")]
    private partial void LogSearchDefect(Exception failure, SearchId search);
}
