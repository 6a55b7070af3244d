using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Durability;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Beamline.Grains.Sequences;

/// <summary>What makes a durable request outlive its activation: it is stored, found again, started again, and its outcome kept.</summary>
internal sealed partial class SequenceGrain : IRemindable
{
    private readonly DurableOptions _durable = durable.Value;
    private RunSlot _slot = RunSlot.Empty;
    private Task _storing = Task.CompletedTask;

    private GrainId Self => this.GetGrainId();

    private bool IsUnderWay => _starting is not null && _last is null;

    /// <summary>Looks after what is stored: starts it again when it does not run, removes it when its time is over.</summary>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (IsUnderWay || !_storing.IsCompleted) return;
        try
        {
            RunSlot slot = await store.FindAsync(Self);
            if (IsUnderWay) return;
            if (slot.Run is { Ended: { } ended })
            {
                await store.RemindAsync(Self, ended + _durable.KeepFinished - time.GetUtcNow());
            }
            else if (slot.Run is { } run)
            {
                _slot = slot;
                _ = ResumeAsync(run.Request);       // takes longer than the reminder's call may
            }
            else
            {
                await store.RemoveAsync(Self, slot);
                DeactivateOnIdle();
            }
        }
        catch (BeamlineException e)
        {
            LogLater(e.Error.Message);
        }
    }

    /// <summary>Whether the run is here or in the storage. What is stored and does not run is started again.</summary>
    /// <exception cref="BeamlineException">The storage does not answer.</exception>
    private async Task<bool> IsKnownAsync()
    {
        if (_story is not null) return true;
        if (_starting is null)
        {
            RunSlot slot = await store.FindAsync(Self);
            if (_starting is not null) return _story is not null || _slot.Run is not null;      // someone was faster
            _slot = slot;
            if (slot.Run is { IsEnded: true } ended) Adopt(ended);
            else if (slot.Run is { } run) _ = ResumeAsync(run.Request);
        }
        return _slot.Run is not null;
    }

    /// <summary>Takes hold of a stored run that does not run, so that it can be ended.</summary>
    private async Task FindUnfinishedAsync()
    {
        RunSlot slot = await store.FindAsync(Self);
        if (_starting is not null || slot.Run is not { IsEnded: false } run) return;
        _slot = slot;
        (_request, _starting, _story) = (run.Request, Task.CompletedTask, []);
    }

    private async Task ResumeAsync(GenerationRequest request)
    {
        try
        {
            await StartAgainAsync(request, _ending.Token);
        }
        catch (Exception e)
        {
            LogLater(e.Message);
        }
    }

    /// <summary>Looks for the request in the storage before it starts.</summary>
    /// <returns>Whether there is nothing left to start: it has ended before, or may not be started again.</returns>
    /// <exception cref="BeamlineException">
    /// Other content is stored under its id; it is durable and the storage does not answer.
    /// </exception>
    private async Task<bool> IsSettledAsync(GenerationRequest request)
    {
        RunSlot slot = request.Durable ? await store.FindAsync(Self) : await store.LookAsync(Self);
        if (slot.Run is { } other && !other.Request.HasSameContentAs(request))
        {
            throw new BeamlineException(
                BeamlineErrorCode.Conflict, $"Request {request.Id} is stored with other content; choose another id.");
        }
        _slot = slot;
        if (slot.Run is not { } run) return false;
        if (run.IsEnded) Adopt(run);
        else if (run.Restarts < _durable.MaxRestarts) return false;
        else
        {
            string times = Counted.Of(run.Restarts + 1, "time");
            Conclude(BeamlineError.Of(BeamlineErrorCode.WorkerLost, $"The request was lost {times} with its silo."));
        }
        return true;
    }

    /// <summary>Starts the searches of a durable request: it is stored before its start is answered.</summary>
    private async Task StartStoredAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        if (_slot.Run is { } run)
        {
            // Counted first: a request that takes its silo down with it does not do so for ever.
            _slot = await store.SaveAsync(Self, _slot, run with { Restarts = run.Restarts + 1 });
            LogRestarted(request.Id, run.Restarts + 1);
            try
            {
                await StartSearchesAsync(cancellationToken);
            }
            catch (Exception)
            {
                await UncountAsync(run);
                throw;
            }
            return;
        }
        await StartSearchesAsync(cancellationToken);
        try
        {
            _slot = await store.AddAsync(Self, _slot, request);
        }
        catch (Exception)
        {
            await EndSearchesAsync(_tickets.Length);
            throw;
        }
    }

    /// <summary>A start that did not come about does not count; where that cannot be stored, it counts.</summary>
    private async Task UncountAsync(StoredRun run)
    {
        try
        {
            _slot = await store.SaveAsync(Self, _slot, run);
        }
        catch (BeamlineException e)
        {
            LogLater(e.Error.Message);
        }
    }

    /// <summary>Ends a stored run that cannot be started again, unless what refuses it may pass.</summary>
    /// <returns>False when it is not stored, or may yet start.</returns>
    private bool TryConclude(BeamlineError error)
    {
        if (_slot.Run is not { IsEnded: false } run) return false;
        bool passes = PassesWithTime(error.Code) || error.Code == BeamlineErrorCode.ModelNotFound;
        if (error.Code == BeamlineErrorCode.Conflict) return false;
        if (passes && time.GetUtcNow() - run.Started < _durable.KeepUnfinished) return false;
        Conclude(error);
        return true;
    }

    private void Conclude(BeamlineError error)
    {
        _story = [];
        Finish(new Failed(0, error));
    }

    /// <summary>Gives the activation of a stored run up that has lost its workers: a reader or the reminder starts it again.</summary>
    /// <returns>False when waiting does not help, or nobody would start it.</returns>
    private bool TryLeaveForLater(BeamlineError error)
    {
        if (_slot.Run is null || !PassesWithTime(error.Code)) return false;
        LogLater(error.Message);
        _ = _ending.CancelAsync();      // what the other searches still say, that they were cancelled, is not the run's outcome
        DeactivateOnIdle();
        return true;
    }

    /// <summary>Takes a run as it was stored.</summary>
    private void Adopt(StoredRun run)
    {
        (_request, _story, _last) = (run.Request, [.. run.Story[..^1]], run.Story[^1]);
        _starting ??= Task.CompletedTask;
        KeepForReaders();
        _changed.Notify();
    }

    /// <summary>Stores the outcome, again and again with growing pauses, for as long as it would be kept.</summary>
    private async Task StoreOutcomeAsync(GenerationUpdate last)
    {
        DelayDeactivation(_durable.KeepFinished);
        StoredRun ended = _slot.Run! with { Story = [.. _story!, last], Ended = time.GetUtcNow() };
        TimeSpan pause = _durable.StorageRetry;
        bool isLate = false;
        while (!_ending.IsCancellationRequested && time.GetUtcNow() - ended.Ended < _durable.KeepFinished)
        {
            try
            {
                // Read again each time: a write whose answer was lost counts too, and another activation may have taken the run over.
                RunSlot slot = await store.FindAsync(Self);
                if (slot.Run is { IsEnded: false } run && run.Restarts == ended.Restarts)
                {
                    slot = await store.SaveAsync(Self, slot, ended);
                }
                _slot = slot;
                await store.RemindAsync(Self, _durable.KeepFinished);
                if (isLate) LogStoredLate(_request!.Id);
                break;
            }
            catch (BeamlineException e)
            {
                LogNotStored(_request!.Id, e.Error.Message);
                isLate = true;
            }
            await Task.Delay(pause, time, _ending.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            pause = pause * 2 < _durable.MaxStorageRetry ? pause * 2 : _durable.MaxStorageRetry;
        }
        KeepForReaders();
    }

    /// <summary>Waits for the outcome to be stored, a bounded time.</summary>
    private async Task StoredSoonAsync()
    {
        try
        {
            await _storing.WaitAsync(_durable.StorageWait, time);
        }
        catch (TimeoutException)
        {
            LogNotStored(_request!.Id, "it takes long");
        }
    }

    private static bool PassesWithTime(BeamlineErrorCode code) =>
        code == BeamlineErrorCode.NoWorker || code == BeamlineErrorCode.Overloaded || code == BeamlineErrorCode.WorkerLost
        || code == BeamlineErrorCode.Storage;

    [LoggerMessage(LogLevel.Information, "Durable request {Request} starts again, the {Restart}. time.")]
    private partial void LogRestarted(RequestId request, int restart);

    [LoggerMessage(LogLevel.Warning, "A durable request has to wait: {Problem}")]
    private partial void LogLater(string problem);

    [LoggerMessage(LogLevel.Information, "The outcome of request {Request} is stored now.")]
    private partial void LogStoredLate(RequestId request);

    [LoggerMessage(LogLevel.Warning, "The outcome of request {Request} is not stored yet: {Problem}")]
    private partial void LogNotStored(RequestId request, string problem);
}
