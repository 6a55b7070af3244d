using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Directory;
using Beamline.Grains.Durability;
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
    ServedModels served,
    ModelLibrary models,
    RunStore store,
    IOptions<SequenceOptions> options,
    IOptions<DurableOptions> durable,
    TimeProvider time,
    ILogger<SequenceGrain> logger) : Grain, ISequenceGrain, IDisposable
{
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(500);

    private readonly SequenceOptions _options = options.Value;
    private readonly ChangeSignal _changed = new(time);
    private readonly CancellationTokenSource _ending = new();
    private GenerationRequest? _request;
    private Task? _starting;
    private CancellationTokenSource? _beginning;
    private CheckedRequest? _checked;
    private ImmutableArray<SearchTicket> _tickets = [];
    private UpdateMerger? _merger;
    private List<GenerationUpdate>? _story;         // all updates so far but the last one; null until the run has begun
    private GenerationUpdate? _last;
    private IGrainTimer? _watch;
    private int _readers;
    private long _lastRead;

    public ValueTask StartAsync(GenerationRequest request, CancellationToken cancellationToken) =>
        StartAsync(request, ranBefore: false, cancellationToken);

    public ValueTask StartAgainAsync(GenerationRequest request, CancellationToken cancellationToken) =>
        StartAsync(request, ranBefore: true, cancellationToken);

    private async ValueTask StartAsync(GenerationRequest request, bool ranBefore, CancellationToken cancellationToken)
    {
        if (_request is not null && !_request.HasSameContentAs(request))
        {
            throw new BeamlineException(
                BeamlineErrorCode.Conflict, $"Request {request.Id} is running with other content; choose another id.");
        }
        _request = request;
        Task starting = _starting ??= BeginAsync(request, ranBefore, cancellationToken);
        try
        {
            await starting;
        }
        catch
        {
            // Nothing has begun: the next call, with this content or other, starts afresh. Whoever shared this start leaves such a call
            // alone.
            if (_starting == starting) (_starting, _request) = (null, null);
            throw;
        }
    }

    public async ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        await FindOrThrowAsync();
        await WaitAsync(() => _story?.Count > from || _last is not null, cancellationToken);
        if (_story is not { } story) return new([], IsLast: false);
        ImmutableArray<GenerationUpdate> updates = [.. story[(int)long.Clamp(from, 0, story.Count)..]];
        if (_last is not { } last) return new(updates, IsLast: false);
        if (from == last.Position + 1) return new([], IsLast: true);
        if (from <= last.Position && last.Position == story.Count) return new(updates.Add(last), IsLast: true);
        // A run that was computed again may end earlier, by a failure, and of a large stored one only the end is left: a reader that is
        // elsewhere hears of the end where it is.
        return new([last with { Position = from }], IsLast: true);
    }

    public async ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken)
    {
        await FindOrThrowAsync();
        await WaitAsync(() => _last is not null, cancellationToken);
        return _last switch
        {
            Completed completed => completed.Result,
            Failed failed => throw new BeamlineException(failed.Error),
            _ => null,
        };
    }

    public async ValueTask<RunSnapshot> GetSnapshotAsync()
    {
        if (!await IsKnownAsync()) return new(RunState.Unknown, 0, 0, null, null);
        long next = _last is { } last ? last.Position + 1 : _story?.Count ?? 0;
        int tokens = _merger?.GeneratedTokens ?? _story?.Count(update => update is TokenAppended or BeamsChanged) ?? 0;
        return _last switch
        {
            Completed completed => new RunSnapshot(RunState.Completed, next, tokens, completed.Result, null),
            Failed failed => new RunSnapshot(RunState.Failed, next, tokens, null, failed.Error),
            _ => new RunSnapshot(RunState.Running, next, tokens, null, null),
        };
    }

    public async ValueTask CancelAsync()
    {
        if (_merger is null && _beginning is null && _last is null) await FindUnfinishedAsync();
        if (_beginning is { } beginning)
        {
            await beginning.CancelAsync();
            return;
        }
        if (_story is null || _last is not null) return;
        Fail(Cancelled("The request was cancelled."));
        await EndSearchesAsync(_tickets.Length);
        await StoredSoonAsync();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _ending.CancelAsync();

    public void Dispose()
    {
        _ending.Cancel();       // a silo that ends without deactivating leaves nothing behind that goes on
        _ending.Dispose();
    }

    private async Task FindOrThrowAsync()
    {
        if (await IsKnownAsync()) return;
        throw new BeamlineException(
            BeamlineErrorCode.RequestNotFound, $"Request {this.GetPrimaryKeyString()} is not known; start it again.");
    }

    private async Task BeginAsync(GenerationRequest request, bool ranBefore, CancellationToken cancellationToken)
    {
        using CancellationTokenSource beginning = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beginning = beginning;
        try
        {
            if (await IsSettledAsync(request)) return;
            await ComputeAsync(request, ranBefore, beginning.Token);
            _beginning = null;
            // A cancel may come while the request is being stored, which nothing interrupts.
            if (beginning.IsCancellationRequested && !cancellationToken.IsCancellationRequested) await CancelAsync();
        }
        catch (OperationCanceledException) when (beginning.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            BeamlineError error = Cancelled("The request was cancelled.");
            if (!TryConclude(error)) throw new BeamlineException(error);
        }
        catch (BeamlineException e) when (TryConclude(e.Error))
        {
        }
        finally
        {
            _beginning = null;
        }
    }

    private async Task ComputeAsync(GenerationRequest request, bool ranBefore, CancellationToken cancellationToken)
    {
        ServedModel model = await served.FindAsync(request.Model, cancellationToken);
        ITokenizer tokenizer = models.GetTokenizer(model.Description);
        _checked = RequestChecker.Check(request, model.Description, tokenizer, _options);
        _tickets =
        [
            .. SearchPlan.Create(request, model.Description.Name, _checked.Prompts, model.Rows)
                .Select(ticket => ticket with { RanBefore = ranBefore }),
        ];
        if (request.Durable) await StartStoredAsync(request, cancellationToken);
        else await StartSearchesAsync(cancellationToken);
        _merger = new UpdateMerger(_tickets, tokenizer);
        _story = _merger.Updates;
        _lastRead = time.GetTimestamp();
        TimeSpan period = _options.UnreadLimit / 4;
        _watch = this.RegisterGrainTimer(WatchAsync, new GrainTimerCreationOptions(period, period) { Interleave = true, KeepAlive = true });
        for (int i = 0; i < _tickets.Length; i++) _ = FollowAsync(i);
        LogStarted(request.Id, _tickets[0].Model, _tickets.Length);
    }

    /// <summary>All of a request runs, or none of it.</summary>
    private async Task StartSearchesAsync(CancellationToken cancellationToken)
    {
        int offered = 0;
        try
        {
            foreach (SearchTicket ticket in _tickets)
            {
                offered++;
                await SearchGrain(ticket).StartAsync(ticket, cancellationToken);
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch
        {
            await EndSearchesAsync(offered);
            throw;
        }
    }

    /// <summary>Keeps the activation of a run that goes on, and ends a run that nobody waits for: its client or gateway is gone.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        if (_last is not null || _readers > 0 || _request!.Durable || time.GetElapsedTime(_lastRead) < _options.UnreadLimit) return;
        LogUnread(_request.Id, _options.UnreadLimit);
        Fail(Cancelled($"The request was cancelled: nobody read it for {_options.UnreadLimit}."));
        await EndSearchesAsync(_tickets.Length);
    }

    private async ValueTask WaitAsync(Func<bool> isWanted, CancellationToken cancellationToken)
    {
        _readers++;
        try
        {
            await _changed.WaitUntilAsync(isWanted, _options.ReadWait, cancellationToken);
        }
        finally
        {
            _readers--;
            _lastRead = time.GetTimestamp();
        }
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
                if (_last is not null || _ending.IsCancellationRequested) return;
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
                if (_last is not null || _ending.IsCancellationRequested) return;
                LogSearchLost(e, _tickets[search].Id);
                BeamlineError? error = ++restarts <= _options.MaxMoves ? await RestartAsync(grain, search)
                    : BeamlineError.Of(
                        BeamlineErrorCode.WorkerLost, $"Search {_tickets[search].Id} was lost {Counted.Of(restarts, "time")}.");
                if (error is null) continue;
                if (_ending.IsCancellationRequested) return;
                Fail(error);
                await EndSearchesAsync(_tickets.Length);
                return;
            }
        }
    }

    /// <summary>
    /// Starts a lost search again. What the cluster itself throws while silos come and go passes: the next reading tells, after a pause.
    /// </summary>
    /// <returns>Why it can not be; null when it was, or may yet be.</returns>
    private async Task<BeamlineError?> RestartAsync(IBeamGrain grain, int search)
    {
        try
        {
            await grain.StartAsync(_tickets[search] with { RanBefore = true }, _ending.Token);
            return null;
        }
        catch (BeamlineException e)
        {
            return e.Error;
        }
        catch (Exception e) when (!_ending.IsCancellationRequested)
        {
            LogSearchLost(e, _tickets[search].Id);
            await Task.Delay(RestartPause, time, CancellationToken.None);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;        // the run has ended; so does whoever follows it
        }
    }

    private void Take(int search, SearchReading reading)
    {
        UpdateMerger merger = _merger!;
        merger.Append(search, reading);
        if (merger.Error is { } error)
        {
            Fail(error);
            _ = EndSearchesAsync(_tickets.Length);
            return;
        }
        if (merger.IsComplete)
        {
            Finish(new Completed(merger.Updates.Count, merger.ToResult(_request!.Id, _tickets[0].Model, _checked!.Warnings)));
            _ = EndSearchesAsync(_tickets.Length);      // they have given all they had; their ids are free for another run
        }
        _changed.Notify();
    }

    private void Fail(BeamlineError error)
    {
        if (_ending.IsCancellationRequested || TryLeaveForLater(error)) return;
        Finish(new Failed(_story!.Count, error));
    }

    private void Finish(GenerationUpdate last)
    {
        if (_last is not null) return;
        _last = last;
        _changed.Notify();
        if (_slot.Run is null) KeepForReaders();
        else _storing = StoreOutcomeAsync(last);
    }

    /// <summary>An ended run is readable for a while yet; then the activation goes, and with it a run that is not stored.</summary>
    private void KeepForReaders()
    {
        _watch?.Dispose();
        DelayDeactivation(_options.KeepFinished);
        this.RegisterGrainTimer(
            DeactivateAsync, new GrainTimerCreationOptions(_options.KeepFinished, Timeout.InfiniteTimeSpan) { KeepAlive = true });
    }

    private Task DeactivateAsync(CancellationToken cancellationToken)
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private Task EndSearchesAsync(int count) => Task.WhenAll(_tickets.Take(count).Select(EndSearchAsync));

    private async Task EndSearchAsync(SearchTicket ticket)
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

    private IBeamGrain SearchGrain(SearchTicket ticket) => GrainFactory.GetGrain<IBeamGrain>(ticket.Id.ToString());

    private static BeamlineError Cancelled(string message) => BeamlineError.Of(BeamlineErrorCode.Cancelled, message);

    [LoggerMessage(LogLevel.Debug, "Request {Request} runs on {Model} as {Searches} searches.")]
    private partial void LogStarted(RequestId request, string model, int searches);

    [LoggerMessage(LogLevel.Information, "Request {Request} is cancelled: nobody read it for {Limit}.")]
    private partial void LogUnread(RequestId request, TimeSpan limit);

    [LoggerMessage(LogLevel.Warning, "Search {Search} cannot be reached.")]
    private partial void LogSearchLost(Exception failure, SearchId search);
}
