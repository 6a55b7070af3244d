using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Signalling;
using Beamline.Models.Tokenizers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Beamline.Grains.Sequences;

/// <summary>One request: checks it, starts its searches, merges what they put out and keeps it for readers until it is forgotten.</summary>
[Reentrant, PreferLocalPlacement]
internal sealed partial class SequenceGrain(
    ModelLibrary models,
    WorkerDirectoryCache directory,
    IOptions<SequenceOptions> options,
    ILogger<SequenceGrain> logger) : Grain, ISequenceGrain, IDisposable
{
    private readonly SequenceOptions _options = options.Value;
    private readonly ChangeSignal _changed = new();
    private readonly CancellationTokenSource _ending = new();
    private GenerationRequest? _request;
    private Task? _starting;
    private CheckedRequest? _checked;
    private ImmutableArray<SearchTicket> _tickets = [];
    private UpdateMerger? _merger;
    private GenerationUpdate? _last;

    public async ValueTask StartAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        if (_request is not null && !_request.HasSameContentAs(request))
        {
            throw new BeamlineException(BeamlineErrorCode.Conflict, $"Request {request.Id} is running with other content; choose another id.");
        }
        _request = request;
        _starting ??= BeginAsync(request, cancellationToken);
        try
        {
            await _starting;
        }
        catch
        {
            // Nothing has begun: the next call, with this content or other, starts afresh.
            _starting = null;
            _request = null;
            throw;
        }
    }

    public async ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        UpdateMerger merger = Known();
        if (merger.Updates.Count <= from && _last is null) await _changed.WaitAsync(_options.ReadWait, cancellationToken);
        int start = (int)long.Clamp(from, 0, merger.Updates.Count);
        ImmutableArray<GenerationUpdate> updates = [.. merger.Updates[start..]];
        if (_last is null) return new(updates, IsLast: false);
        return new(from <= _last.Position ? updates.Add(_last) : updates, IsLast: true);
    }

    public async ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken)
    {
        Known();
        TimeSpan limit = _options.ReadWait;
        long start = TimeProvider.System.GetTimestamp();
        while (_last is null && TimeProvider.System.GetElapsedTime(start) is var waited && waited < limit)
        {
            await _changed.WaitAsync(limit - waited, cancellationToken);
        }
        return _last switch
        {
            Completed completed => completed.Result,
            Failed failed => throw new BeamlineException(failed.Error),
            _ => null,
        };
    }

    public ValueTask<RunSnapshot> GetSnapshotAsync()
    {
        if (_merger is not { } merger) return new(new RunSnapshot(RunState.Unknown, 0, 0, null, null));
        long next = merger.Updates.Count + (_last is null ? 0 : 1);
        return new(_last switch
        {
            Completed completed => new RunSnapshot(RunState.Completed, next, merger.GeneratedTokens, completed.Result, null),
            Failed failed => new RunSnapshot(RunState.Failed, next, merger.GeneratedTokens, null, failed.Error),
            _ => new RunSnapshot(RunState.Running, next, merger.GeneratedTokens, null, null),
        });
    }

    public async ValueTask CancelAsync()
    {
        if (_merger is null || _last is not null) return;
        Fail(BeamlineError.Of(BeamlineErrorCode.Cancelled, "The request was cancelled."));
        await EndSearchesAsync();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _ending.CancelAsync();

    public void Dispose() => _ending.Dispose();

    private UpdateMerger Known() => _merger
        ?? throw new BeamlineException(BeamlineErrorCode.RequestNotFound, $"Request {this.GetPrimaryKeyString()} is not known; start it again.");

    private async Task BeginAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        ModelHandle model = models.Get(request.Model);
        _checked = RequestChecker.Check(request, model.Description, model.Tokenizer, _options);
        _tickets = SearchPlan.Create(request, model.Description.Name, _checked.Prompts, await WidestAsync(model.Description.Name));
        try
        {
            foreach (SearchTicket ticket in _tickets) await SearchGrain(ticket).StartAsync(ticket, cancellationToken);
        }
        catch
        {
            await EndSearchesAsync();       // all of a request runs, or none of it
            throw;
        }
        _merger = new UpdateMerger(_tickets, model.Tokenizer);
        for (int i = 0; i < _tickets.Length; i++) _ = FollowAsync(i);
        LogStarted(request.Id, model.Description.Name, _tickets.Length);
    }

    private async Task FollowAsync(int search)
    {
        IBeamGrain grain = SearchGrain(_tickets[search]);
        long from = 0;
        int restarts = 0;
        while (_last is null)
        {
            try
            {
                SearchReading reading = await grain.ReadAsync(from, _ending.Token);
                if (_last is not null) return;
                from = reading.Next;
                Take(search, reading);
                if (reading.Outcome is not null) return;
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The search's silo is gone: it starts again elsewhere, takes the same steps, and is read on from here.
                if (_last is not null) return;
                LogSearchLost(e, _tickets[search].Id);
                if (++restarts > _options.MaxMoves || !await RestartAsync(grain, search)) return;
            }
        }
    }

    private async Task<bool> RestartAsync(IBeamGrain grain, int search)
    {
        try
        {
            await grain.StartAsync(_tickets[search], _ending.Token);
            return true;
        }
        catch (Exception e)
        {
            BeamlineError error = e is BeamlineException known ? known.Error
                : BeamlineError.Of(BeamlineErrorCode.WorkerLost, $"Search {_tickets[search].Id} was lost and could not be started again.");
            Fail(error);
            await EndSearchesAsync();
            return false;
        }
    }

    private void Take(int search, SearchReading reading)
    {
        UpdateMerger merger = _merger!;
        merger.Append(search, reading);
        if (merger.Error is { } error)
        {
            Fail(error);
            _ = EndSearchesAsync();
            return;
        }
        if (merger.IsComplete)
        {
            Finish(new Completed(merger.Updates.Count, merger.ToResult(_request!.Id, _tickets[0].Model, _checked!.Warnings)));
        }
        _changed.Notify();
    }

    private void Fail(BeamlineError error) => Finish(new Failed(_merger!.Updates.Count, error));

    private void Finish(GenerationUpdate last)
    {
        if (_last is not null) return;
        _last = last;
        _changed.Notify();
        // Readable for a while yet; then the activation goes, and the run with it.
        this.RegisterGrainTimer(DeactivateAsync, new GrainTimerCreationOptions(_options.KeepFinished, Timeout.InfiniteTimeSpan) { KeepAlive = true });
    }

    private Task DeactivateAsync(CancellationToken cancellationToken)
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task EndSearchesAsync()
    {
        foreach (SearchTicket ticket in _tickets)
        {
            try
            {
                await SearchGrain(ticket).CancelAsync();
            }
            catch (Exception e)
            {
                LogSearchLost(e, ticket.Id);    // its worker gives up by itself what nobody reads
            }
        }
    }

    private IBeamGrain SearchGrain(SearchTicket ticket) => GrainFactory.GetGrain<IBeamGrain>(ticket.Id.ToString());

    /// <summary>Rows of the widest worker that serves a model; 1 when none is known yet.</summary>
    private async ValueTask<int> WidestAsync(string model)
    {
        int rows = 1;
        foreach (WorkerDescription worker in await directory.GetAsync())
        {
            if (worker.Models.Any(served => served.Name == model)) rows = int.Max(rows, worker.Rows);
        }
        return rows;
    }

    [LoggerMessage(LogLevel.Debug, "Request {Request} runs on {Model} as {Searches} searches.")]
    private partial void LogStarted(RequestId request, string model, int searches);

    [LoggerMessage(LogLevel.Warning, "Search {Search} cannot be reached.")]
    private partial void LogSearchLost(Exception failure, SearchId search);
}
