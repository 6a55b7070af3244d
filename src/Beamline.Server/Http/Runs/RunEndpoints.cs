using System.Globalization;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Client;
using Beamline.Server.Http.Answers;
using Beamline.Server.Http.Errors;
using Beamline.Server.Limits;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Beamline.Server.Http.Runs;

/// <summary><c>/v1/requests/{id}</c>: a run by its id, whoever started it.</summary>
internal sealed partial class RunEndpoints(
    BeamlineClient client,
    IOptions<LimitSettings> limits,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<RunEndpoints> logger)
{
    private const string LastEventId = "Last-Event-ID";
    private const string From = "from";

    /// <summary>Where a run can be found.</summary>
    public static string PathOf(RequestId id) => $"/v1/requests/{id.Value}";

    /// <summary>Shows a run.</summary>
    /// <exception cref="BeamlineException">It is not known.</exception>
    public async Task GetAsync(HttpContext context)
    {
        RequestId id = IdOf(context);
        RunSnapshot snapshot = await client.GetSnapshotAsync(id, context.RequestAborted);
        await WriteAsync(context, id, snapshot);
    }

    /// <summary>Cancels a run, unless it has ended, and shows it.</summary>
    /// <exception cref="BeamlineException">It is not known.</exception>
    public async Task CancelAsync(HttpContext context)
    {
        await client.CancelAsync(IdOf(context), context.RequestAborted);
        await GetAsync(context);
    }

    /// <summary>
    /// Reads a run on from a position, as server-sent events. The caller's going away changes nothing for the run; the server's ends the
    /// answer, so that the caller comes back to another one.
    /// </summary>
    /// <exception cref="BeamlineException">It is not known, or the position is malformed.</exception>
    public async Task ReadAsync(HttpContext context)
    {
        long from = PositionOf(context.Request);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        ServerSentEvents events = new(context.Response);
        try
        {
            await ReadAsync(context.Response, events, client.ReadAsync(IdOf(context), from, ending.Token), ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            events.Begin();     // an empty answer, if nothing had come: the caller reads on elsewhere
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested && context.Response.HasStarted)
        {
            // The caller is gone.
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            // Without an id and a last event: the caller may try again from where it is.
            BeamlineError error = ErrorAnswer.Of(e);
            if (error.Code == BeamlineErrorCode.Internal) LogBroken(e, IdOf(context).Value);
            events.Write(ErrorEnvelope.Of(error), ErrorJson.Answers.ErrorEnvelope);
            await events.FlushAsync(ending.Token);
        }
    }

    /// <summary>Writes where a run is.</summary>
    /// <exception cref="BeamlineException">It is not known.</exception>
    public static Task WriteAsync(HttpContext context, RequestId id, RunSnapshot snapshot)
    {
        if (snapshot.State == RunState.Unknown)
        {
            throw new BeamlineException(
                BeamlineErrorCode.RequestNotFound, $"There is no request {id}; it was never started, or is no longer kept.");
        }
        return context.Response.WriteAsJsonAsync(RunAnswer.Of(id, snapshot), RunJson.Answers.RunAnswer);
    }

    private async Task ReadAsync(
        HttpResponse response, ServerSentEvents events, IAsyncEnumerable<GenerationUpdate> run, CancellationTokenSource ending)
    {
        CancellationToken cancellationToken = ending.Token;
        await using IAsyncEnumerator<GenerationUpdate> updates = run.GetAsyncEnumerator(cancellationToken);
        Task<bool> next = Task.FromResult(true);
        try
        {
            while (true)
            {
                next = updates.MoveNextAsync().AsTask();
                while (!await IsThereAsync(next))
                {
                    events.Begin();
                    events.WriteComment();
                    await events.FlushAsync(cancellationToken);
                }
                if (!await next) break;
                events.Begin();
                RunEvent.Write(events, updates.Current);
                await events.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            // A reader that leaves during a heartbeat: the enumerator may not be disposed while it moves.
            if (!next.IsCompleted) await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        // Nothing at all: the caller has read the end. This status, and no other, tells a browser not to ask again.
        if (!response.HasStarted) response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<bool> IsThereAsync(Task<bool> next)
    {
        try
        {
            await next.WaitAsync(limits.Value.HeartbeatInterval, time);
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return false;
        }
        return true;
    }

    private static RequestId IdOf(HttpContext context) => new((string)context.Request.RouteValues["id"]!);

    // A browser that lost its connection asks at the same address again and says in the header how far it came.
    private static long PositionOf(HttpRequest request)
    {
        StringValues last = request.Headers[LastEventId], from = request.Query[From];
        if (!StringValues.IsNullOrEmpty(last)) return Number(LastEventId, last) + 1;
        return from.Count == 0 ? 0 : Number(From, from);
    }

    private static long Number(string field, StringValues text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < long.MaxValue
            ? number
            : throw new BeamlineException(BeamlineError.Invalid([new Fault(field, $"'{text}'", "a whole number from 0")]));

    [LoggerMessage(LogLevel.Error, "Reading request {Request} broke off.")]
    private partial void LogBroken(Exception exception, string request);
}
