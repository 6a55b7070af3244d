using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Decoding.Search;
using Beamline.Grains.Sequences;
using Beamline.Grains.Signalling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Beamline.Grains.Beams;

/// <summary>Follows one search on whatever worker has it, and knows at every step what another needs to go on from there.</summary>
[Reentrant, PreferLocalPlacement]
internal sealed partial class BeamGrain(
    WorkerDispatcher dispatcher, IOptions<SequenceOptions> options, TimeProvider time, ILogger<BeamGrain> logger)
    : Grain, IBeamGrain, IDisposable
{
    private readonly List<SearchEvent> _events = [];
    private readonly List<TokenLogprobs> _logprobs = [];
    private readonly ChangeSignal _changed = new(time);
    private readonly CancellationTokenSource _ending = new();
    private readonly SequenceOptions _options = options.Value;
    private SearchStateBuilder? _state;
    private long _resumedAt;
    private Task? _starting;
    private Task _following = Task.CompletedTask;
    private SearchOutcome? _outcome;

    public async ValueTask StartAsync(SearchTicket ticket, CancellationToken cancellationToken)
    {
        Task starting = _starting ??= BeginAsync(ticket, cancellationToken);
        try
        {
            await starting;
        }
        catch
        {
            if (_starting == starting) _starting = null;        // nothing has begun: the next call tries again
            throw;
        }
    }

    public async ValueTask<SearchReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        if (_state is null)
        {
            throw new BeamlineException(BeamlineErrorCode.RequestNotFound, $"Search {this.GetPrimaryKeyString()} is not known.");
        }
        await _changed.WaitUntilAsync(() => _events.Count > from || _outcome is not null, _options.ReadWait, cancellationToken);
        // A search that was started again may not have come as far as its reader: that one waits on where it is.
        if (_events.Count <= from) return new(from, [], [], _outcome);
        int start = (int)from;
        return new(from, [.. _events[start..]], _logprobs.Count == 0 ? [] : [.. _logprobs[start..]], _outcome);
    }

    public async ValueTask CancelAsync()
    {
        End(new([], BeamlineError.Of(BeamlineErrorCode.Cancelled, "The request was cancelled."), Retryable: false, 0, 0));
        await LetGoAsync();
        DeactivateOnIdle();         // the id is as new when it is started again, with this content or other
    }

    /// <summary>The worker forgets the search before another activation can offer it there again.</summary>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        LetGoAsync().WaitAsync(cancellationToken);

    public void Dispose()
    {
        _ending.Cancel();       // a silo that ends without deactivating leaves nothing behind that goes on
        _ending.Dispose();
    }

    private async Task BeginAsync(SearchTicket ticket, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        Assignment first = await dispatcher.AssignAsync(ticket, lost: null, either.Token);
        _state = new SearchStateBuilder(ticket);
        _following = FollowAsync(ticket, first);
    }

    /// <summary>Ends what is under way; returns when no worker is followed any more.</summary>
    private async Task LetGoAsync()
    {
        await _ending.CancelAsync();
        if (_starting is { } starting)
        {
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        await _following;
    }

    /// <summary>Reads the worker until the search ends; a worker that is lost is replaced.</summary>
    private async Task FollowAsync(SearchTicket ticket, Assignment at)
    {
        int moves = 0;
        try
        {
            while (_outcome is null)
            {
                SearchOutcome? ended = await FollowOnceAsync(ticket, at);
                if (_outcome is not null) break;
                if (ended is { Retryable: false }) End(ended);
                else if (!IsGivenBack(ended) && ++moves > _options.MaxMoves)
                {
                    End(Lost($"Search {ticket.Id} lost its worker {Counted.Of(moves, "time")}.", ended));
                }
                else
                {
                    if (IsGivenBack(ended)) LogGivenBack(ticket.Id, at.Worker);
                    else LogMoving(ticket.Id, at.Worker);
                    if (ended is not null) await dispatcher.ForgetAsync(at, ticket.Id);      // it may well come back to the same worker
                    // What is recorded stays, even where the next worker's last bits differ; only what follows is computed there.
                    SearchTicket rest = ticket with { Resume = _state!.Build(), RanBefore = ticket.RanBefore || _events.Count > 0 };
                    at = await dispatcher.AssignAsync(rest, at, _ending.Token);
                    _resumedAt = _events.Count;
                }
            }
        }
        catch (BeamlineException e)
        {
            End(new([], e.Error, Retryable: false, 0, 0));
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Cancelled or deactivated; the worker hears of it below.
        }
        catch (Exception e)
        {
            LogFailed(e, ticket.Id);
            BeamlineError error = BeamlineError.Of(BeamlineErrorCode.Internal, "The search failed by a fault of Beamline's own.");
            End(new([], error, Retryable: false, 0, 0));
        }
        await dispatcher.ForgetAsync(at, ticket.Id);
    }

    /// <summary>Reads one worker to the end.</summary>
    /// <returns>How the search ended there; null when the worker was lost.</returns>
    private async Task<SearchOutcome?> FollowOnceAsync(SearchTicket ticket, Assignment at)
    {
        while (true)
        {
            SearchReading reading;
            try
            {
                long from = _events.Count - _resumedAt;
                reading = await dispatcher.Grain(at.Worker).ReadAsync(ticket.Id, ticket.Model, at.Epoch, from, _ending.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException || !_ending.IsCancellationRequested)
            {
                LogLost(e, ticket.Id, at.Worker);
                return null;
            }
            if (_outcome is not null) return _outcome;
            _events.AddRange(reading.Events);
            _logprobs.AddRange(reading.Logprobs);
            _state!.Apply(reading.Events.AsSpan(), reading.Logprobs.AsSpan());
            if (reading.Outcome is { } outcome) return outcome;
            if (reading.Events.Length > 0) _changed.Notify();
        }
    }

    private void End(SearchOutcome outcome)
    {
        _outcome ??= outcome;
        _changed.Notify();
    }

    /// <summary>
    /// Whether a worker gave the search back while it waited, since another has room: nothing was lost, and nothing was generated.
    /// </summary>
    private static bool IsGivenBack(SearchOutcome? ended) => ended?.Error?.Code == BeamlineErrorCode.Overloaded;

    private static SearchOutcome Lost(string message, SearchOutcome? last) =>
        new([], BeamlineError.Of(BeamlineErrorCode.WorkerLost, last?.Error is { } error ? $"{message} {error.Message}" : message),
            Retryable: false, 0, 0);

    [LoggerMessage(LogLevel.Warning, "Search {Search} moves away from {Worker}.")]
    private partial void LogMoving(SearchId search, WorkerId worker);

    [LoggerMessage(LogLevel.Debug, "Search {Search} waited at {Worker}; it goes where rows are free.")]
    private partial void LogGivenBack(SearchId search, WorkerId worker);

    [LoggerMessage(LogLevel.Information, "Search {Search} cannot be read on {Worker}.")]
    private partial void LogLost(Exception failure, SearchId search, WorkerId worker);

    [LoggerMessage(LogLevel.Error, "Search {Search} failed.")]
    private partial void LogFailed(Exception failure, SearchId search);
}
