using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Beamline.ServiceDefaults.Processes;

/// <summary>Reads out of an exception what an operator can change.</summary>
internal static class StartFaults
{
    /// <summary>The lines to show; empty when the exception is no operator's fault.</summary>
    public static IReadOnlyList<string> Find(Exception exception) => exception switch
    {
        StartException start => start.Lines,
        OptionsValidationException options => [.. options.Failures],
        AggregateException all when all.InnerExceptions.All(e => Find(e).Count > 0) => [.. all.InnerExceptions.SelectMany(Find)],
        IOException { InnerException: AddressInUseException } => [$"{OneLine(exception)} Set another one with --urls."],
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable } => [OneLine(exception)],
        _ => [],
    };

    /// <summary>An exception's message without line breaks.</summary>
    public static string OneLine(Exception exception) => string.Join(' ', exception.Message.Split('\n', StringSplitOptions.TrimEntries));
}
