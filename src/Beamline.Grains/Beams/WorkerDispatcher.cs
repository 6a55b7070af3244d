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
using Orleans.Runtime;

namespace Beamline.Grains.Beams;

/// <summary>Finds a worker for a search: ranks by what the directory says, and takes the workers' own answers as the last word.</summary>
internal sealed partial class WorkerDispatcher(
    WorkerDirectoryCache directory,
    ServedModels served,
    IGrainFactory grains,
    ILocalSiloDetails silo,
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
    /// <exception cref="BeamlineException">Overloaded, no worker, unloaded, or refused as invalid.</exception>
    public async Task<Assignment> AssignAsync(SearchTicket ticket, Assignment? lost, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        TimeSpan wait = lost is null ? options.Value.StartWait : options.Value.WorkerWait;
        for (TimeSpan pause = RetryPause.First; ; pause = RetryPause.After(pause))
        {
            (Assignment? taken, BeamlineError? refusal) = await TryAssignAsync(ticket, lost, cancellationToken);
            if (taken is not null) return taken;
            if (refusal?.Code == BeamlineErrorCode.ModelNotFound) refusal = null;       // unloaded since the copy was made
            // One that has run already waits for another worker all the same.
            if (refusal is null && lost is null) served.ThrowIfUnloaded(ticket.Model, await directory.GetAsync(TimeSpan.Zero));
            bool worthWaiting = refusal is null || refusal.Code == BeamlineErrorCode.NoWorker
                || (lost is not null && refusal.Code == BeamlineErrorCode.Overloaded);
            if (!worthWaiting || time.GetElapsedTime(start) >= wait)
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

    /// <summary>
    /// Copies are old, so some workers that are believed to have room are asked whether they do before any may put the search into its
    /// line.
    /// </summary>
    private async Task<(Assignment? Taken, BeamlineError? Refusal)> TryAssignAsync(
        SearchTicket ticket, Assignment? lost, CancellationToken cancellationToken)
    {
        // A search that moves does so because something has just changed: an old copy would send it astray.
        TimeSpan maxAge = lost is null ? WorkerDirectoryCache.MaxAge : TimeSpan.Zero;
        foreach (WorkerDescription worker in (await RankAsync(ticket, lost, maxAge)).Take(WorkerSelector.Tries))
        {
            if (!worker.LoadOf(ticket.Model)!.HasRoomFor(ticket.Rows)) break;
            (Assignment? taken, _) = await OfferAsync(ticket, worker, mayWait: false, cancellationToken);
            if (taken is not null) return (taken, null);
        }
        BeamlineError? refusal = null;
        foreach (WorkerDescription worker in await RankAsync(ticket, lost, WorkerDirectoryCache.MaxAge))
        {
            (Assignment? taken, BeamlineError? refused) = await OfferAsync(ticket, worker, mayWait: true, cancellationToken);
            if (taken is not null) return (taken, null);
            if (refused is not null) refusal = Kinder(refusal, refused);
        }
        return (null, refusal);
    }

    private async ValueTask<ImmutableArray<WorkerDescription>> RankAsync(SearchTicket ticket, Assignment? lost, TimeSpan maxAge)
    {
        ImmutableArray<WorkerDescription> ranked = WorkerSelector.Rank(
            await directory.GetAsync(maxAge),
            ticket.Model,
            ticket.Rows,
            lost?.Fingerprint,
            Random.Shared,
            silo.Name,
            ticket.PromptIds.AsSpan());
        return lost is null || ranked.Length <= 1
            ? ranked
            : ranked.RemoveAll(worker => worker.Id == lost.Worker && worker.Epoch == lost.Epoch);
    }

    private async Task<(Assignment? Taken, BeamlineError? Refusal)> OfferAsync(
        SearchTicket ticket, WorkerDescription worker, bool mayWait, CancellationToken cancellationToken)
    {
        try
        {
            SubmitAnswer answer = await Grain(worker.Id).SubmitAsync(ticket, mayWait, cancellationToken);
            // Whoever refused is busier than believed, by this search at least.
            long tokens = ticket.PromptIds.Length + (long)ticket.Parameters.MaxNewTokens * ticket.Rows;
            directory.Charge(worker.Id, ticket.Model, ticket.Rows, tokens);
            return answer.IsAccepted ? (new(worker.Id, answer.Epoch, worker.Fingerprint), null) : (null, answer.Refusal);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ForgetAsync(new(worker.Id, worker.Epoch, worker.Fingerprint), ticket.Id);     // it may have taken the search
            throw;
        }
        catch (Exception e)
        {
            LogSubmitFailed(e, ticket.Id, worker.Id);
            directory.Lose(worker);
            return (null, null);
        }
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
