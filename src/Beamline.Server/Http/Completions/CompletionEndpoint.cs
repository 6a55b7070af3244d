using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Client;
using Beamline.Server.Http.Answers;
using Beamline.Server.Http.Errors;
using Beamline.Server.Http.Requests;
using Beamline.Server.Http.Runs;
using Beamline.Server.Limits;
using Microsoft.Extensions.Options;

namespace Beamline.Server.Http.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed partial class CompletionEndpoint(
    BeamlineClient client,
    IOptions<LimitSettings> limits,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<CompletionEndpoint> logger)
{
    private static readonly BeamlineError Stopping = BeamlineError.Of(
        BeamlineErrorCode.NoWorker, "This server is stopping; send the request to another one.", TimeSpan.FromSeconds(1));

    /// <summary>
    /// Answers a request: as a whole, as a stream, or at once. A caller that disconnects cancels the run unless it is durable.
    /// </summary>
    /// <exception cref="BeamlineException">The request was refused or failed before the answer began.</exception>
    public async Task InvokeAsync(HttpContext context)
    {
        CancellationToken aborted = context.RequestAborted;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new BeamlineException(Stopping);
        }
        CompletionCall call = await ReadAsync(context);
        CompletionWriter writer = new(call, time.GetUtcNow().ToUnixTimeSeconds());
        LogStarted(call.Request.Id.Value, call.Request.Prompts.Length, call.Stream);
        try
        {
            if (call.Background)
            {
                RunSnapshot started = await client.StartAsync(call.Request, aborted);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                context.Response.Headers.Location = RunEndpoints.PathOf(call.Request.Id);
                await RunEndpoints.WriteAsync(context, call.Request.Id, started);
            }
            else if (call.Stream)
            {
                await StreamAsync(context, call, writer);
            }
            else
            {
                GenerationResult result = await client.GenerateAsync(call.Request, aborted);
                CompletionAnswer answer = writer.Whole(result);
                await context.Response.WriteAsJsonAsync(answer, CompletionJson.Answers.CompletionAnswer, cancellationToken: aborted);
            }
        }
        catch (BeamlineException e) when (e.Error.Faults.Length > 0)
        {
            throw new BeamlineException(InCallersWords(e.Error, call), e);
        }
    }

    private static BeamlineError InCallersWords(BeamlineError error, CompletionCall call) =>
        BeamlineError.Invalid([.. error.Faults.Select(f => f with { Field = call.CallersNames.GetValueOrDefault(f.Field, f.Field) })]);

    private async Task<CompletionCall> ReadAsync(HttpContext context)
    {
        using JsonDocument body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        try
        {
            return CompletionReader.Read(body.RootElement, new RequestId(context.RunId()), limits.Value);
        }
        catch (InvalidOperationException e)
        {
            // The parser lets broken UTF-8 and lone surrogates pass; reading the text does not.
            throw new BeamlineException(BeamlineErrorCode.InvalidRequest, "The body holds text that is not valid Unicode.", e);
        }
    }

    private async Task StreamAsync(HttpContext context, CompletionCall call, CompletionWriter writer)
    {
        CancellationToken aborted = context.RequestAborted;
        ServerSentEvents events = new(context.Response);
        await using IAsyncEnumerator<GenerationUpdate> updates =
            client.StreamAsync(call.Request, cancellationToken: aborted).GetAsyncEnumerator(aborted);
        bool begun = false;
        while (true)
        {
            try
            {
                ValueTask<bool> next = updates.MoveNextAsync();
                // Whatever came with one pull leaves with one write.
                if (begun && !next.IsCompleted) await events.FlushAsync(aborted);
                if (!await next) break;
                if (updates.Current is Failed failed) throw new BeamlineException(failed.Error);
            }
            catch (Exception e) when (begun && !aborted.IsCancellationRequested)
            {
                BeamlineError error = ErrorAnswer.Of(e);
                if (error.Code == BeamlineErrorCode.Internal) LogBroken(e, call.Request.Id.Value);
                events.Write(ErrorEnvelope.Of(error), ErrorJson.Answers.ErrorEnvelope);
                await events.FlushAsync(aborted);
                return;
            }
            if (!begun) events.Begin();
            begun = true;
            if (writer.Piece(updates.Current) is { } piece) events.Write(piece, CompletionJson.Answers.CompletionAnswer);
            if (updates.Current is not Completed completed) continue;
            foreach (CompletionAnswer last in writer.Last(completed.Result)) events.Write(last, CompletionJson.Answers.CompletionAnswer);
            events.WriteDone();
        }
        await events.FlushAsync(aborted);
    }

    [LoggerMessage(LogLevel.Debug, "Request {Request} started: {Prompts} prompts, streamed: {Streamed}.")]
    private partial void LogStarted(string request, int prompts, bool streamed);

    [LoggerMessage(LogLevel.Error, "Request {Request} broke off.")]
    private partial void LogBroken(Exception exception, string request);
}
