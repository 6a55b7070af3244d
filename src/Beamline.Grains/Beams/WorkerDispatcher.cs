using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Placement;
using Beamline.Grains.Sequences;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Beams;

/// <summary>Finds a worker for a search: ranks by what the directory says, and takes the workers' own answers as the last word.</summary>
internal sealed partial class WorkerDispatcher(
    WorkerDirectoryCache directory,
    IGrainFactory grains,
    IOptions<SequenceOptions> options,
    TimeProvider time,
    ILogger<WorkerDispatcher> logger)
{
    /// <summary>The grain of a worker.</summary>
    public IModelWorkerGrain Grain(WorkerId worker) => grains.GetGrain<IModelWorkerGrain>(worker.ToString());

    /// <summary>Gives a search to a worker; waits a bounded time for one to appear.</summary>
    /// <param name="ticket">The search.</param>
    /// <param name="lost">
    /// Where it was and is no more; null at its start. A search that moves also waits while all workers are full.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">Overloaded, no worker, or refused as invalid.</exception>
    public async Task<Assignment> AssignAsync(SearchTicket ticket, Assignment? lost, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        for (TimeSpan pause = RetryPause.First; ; pause = RetryPause.After(pause))
        {
            (Assignment? taken, BeamlineError? refusal) = await TryAssignAsync(ticket, lost, cancellationToken);
            if (taken is not null) return taken;
            bool worthWaiting = refusal is null || refusal.Code == BeamlineErrorCode.NoWorker
                || (lost is not null && refusal.Code == BeamlineErrorCode.Overloaded);
            if (!worthWaiting || time.GetElapsedTime(start) >= options.Value.WorkerWait)
            {
                throw new BeamlineException(refusal ?? BeamlineError.Of(BeamlineErrorCode.NoWorker, $"No worker serves {ticket.Model}."));
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>Tells a worker that nobody follows a search any more.</summary>
    public async Task ForgetAsync(Assignment at, SearchId search)
    {
        try
        {
            await Grain(at.Worker).ForgetAsync(search);
        }
        catch (Exception e)
        {
            LogForgetFailed(e, search, at.Worker);      // the worker gives up by itself what nobody reads
        }
    }

    private async Task<(Assignment? Taken, BeamlineError? Refusal)> TryAssignAsync(
        SearchTicket ticket, Assignment? lost, CancellationToken cancellationToken)
    {
        BeamlineError? refusal = null;
        ImmutableArray<WorkerDescription> workers = await directory.GetAsync();
        ImmutableArray<WorkerDescription> ranked = WorkerSelector.Rank(
            workers, ticket.Model, ticket.Rows, lost?.Fingerprint, Random.Shared);
        foreach (WorkerDescription worker in ranked)
        {
            if (lost is not null && worker.Id == lost.Worker && worker.Epoch == lost.Epoch && ranked.Length > 1) continue;
            try
            {
                SubmitAnswer answer = await Grain(worker.Id).SubmitAsync(ticket, cancellationToken);
                if (answer.IsAccepted)
                {
                    directory.Charge(worker.Id, ticket.Rows, ticket.PromptIds.Length + (long)ticket.Parameters.MaxNewTokens * ticket.Rows);
                    return (new(worker.Id, answer.Epoch, worker.Fingerprint), null);
                }
                refusal = Kinder(refusal, answer.Refusal!);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await ForgetAsync(new(worker.Id, worker.Epoch, worker.Fingerprint), ticket.Id);     // it may have taken the search
                throw;
            }
            catch (Exception e)
            {
                LogSubmitFailed(e, ticket.Id, worker.Id);
            }
        }
        return (null, refusal);
    }

    /// <summary>
    /// Of two refusals the one that promises more: the shortest wait, and overload before everything that waiting does not mend.
    /// </summary>
    private static BeamlineError Kinder(BeamlineError? one, BeamlineError other)
    {
        if (one is null) return other;
        if (one.RetryAfter is { } wait && other.RetryAfter is { } otherWait) return wait <= otherWait ? one : other;
        return one.RetryAfter is null ? other : one;
    }

    [LoggerMessage(LogLevel.Information, "Search {Search} could not be offered to {Worker}.")]
    private partial void LogSubmitFailed(Exception failure, SearchId search, WorkerId worker);

    [LoggerMessage(LogLevel.Debug, "Worker {Worker} could not be told to forget search {Search}.")]
    private partial void LogForgetFailed(Exception failure, SearchId search, WorkerId worker);
}
