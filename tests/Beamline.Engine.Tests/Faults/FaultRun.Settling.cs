using System.Collections.Immutable;
using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Host;
using Beamline.Engine.Configuration;
using Beamline.Engine.Invariants;
using Beamline.Engine.Reporting;
using Beamline.Engine.Searches;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Faults;

/// <content>What is made of searches that have ended.</content>
internal sealed partial class FaultRun
{
    /// <summary>Whoever was offered before the step and is not here after it has ended.</summary>
    private void SettleMissing(StepView view)
    {
        Dictionary<SearchId, SearchView> here = view.Running.Concat(view.Waiting).ToDictionary(search => search.Id);
        foreach (TrackedSearch search in _active.Values.ToList())
        {
            if (!here.TryGetValue(search.Id, out SearchView? seen))
            {
                Settle(search);
                continue;
            }
            search.Last = seen;
            if (search.IsCancelled || search.IsForgotten) Break($"{search.Id} was cancelled and goes on");
            if (search.Ticket.Deadline <= _clock.GetUtcNow()) Break($"{search.Id} is late and goes on");
        }
        foreach (SearchId id in here.Keys)
        {
            if (!_active.ContainsKey(id)) Break($"{id} ended and is here");
        }
    }

    /// <summary>Takes leave of those whose output has ended, while there are no steps.</summary>
    private void SettleEnded()
    {
        // All of them or none: who is settled first must not be chance.
        List<TrackedSearch> all = [.. _active.Values];
        if (all.TrueForAll(search => search.IsForgotten || ReadNow(search) is { Outcome: not null })) all.ForEach(Settle);
    }

    private SearchReading? ReadNow(TrackedSearch search)
    {
        ValueTask<SearchReading> reading = _engine!.ReadAsync(search.Id, 0, CancellationToken.None);
        if (reading.IsCompletedSuccessfully) return reading.Result;
        _ = reading.AsTask();
        return null;
    }

    private void Settle(TrackedSearch search)
    {
        _active.Remove(search.Id);
        if (search.IsForgotten)
        {
            Count("forgotten");
            _read.Add((search, []));
            return;
        }
        if (ReadNow(search) is not { Outcome: { } outcome } reading)
        {
            Break($"{search.Id} is gone without an end");
            return;
        }
        if (search.Readers.Count > 0) _read.Add((search, [.. reading.Events]));
        string end = outcome.Error?.Code.ToString() ?? "completed";
        Count(outcome.Retryable ? $"{end} (retryable)" : end);
        if (FindFault(search, reading, outcome) is { } fault)
        {
            Break($"{search.Id} {fault}: {Show(search.Ticket)}; {outcome.Error?.Message}");
        }
        _engine!.Forget(search.Id);
        if (outcome.Retryable && search.GoesOn && !WildTickets.IsPoisoned(search.Ticket)) _lost.Enqueue(GoOn(search, reading));
    }

    /// <summary>Under the same id, unless somebody may still read there.</summary>
    private SearchTicket GoOn(TrackedSearch search, SearchReading reading)
    {
        SearchTicket ticket = search.Ticket with { Deadline = null, RanBefore = true };
        if (search.Readers.Count > 0) ticket = ticket with { Id = Tickets.Greedy([0], 1).Id };
        return StepOf(ticket, reading) is var step and > 0 ? _tickets.Resumed(ticket, step) : ticket;
    }

    private static int StepOf(SearchTicket ticket, SearchReading reading) =>
        reading.Events.Length > 0 ? reading.Events.Max(change => change.Step) : ticket.Resume?.Step ?? 0;

    /// <summary>What is wrong with the way in which a search ended; null when nothing is.</summary>
    private string? FindFault(TrackedSearch search, SearchReading reading, SearchOutcome outcome)
    {
        SearchTicket ticket = search.Ticket;
        if (outcome.Error is not { } error) return FindFault(search, reading, outcome.Hypotheses);
        BeamlineErrorCode code = error.Code;
        if (outcome.Retryable == (code == BeamlineErrorCode.Internal || code == BeamlineErrorCode.Cancelled
            || code == BeamlineErrorCode.DeadlineExceeded))
        {
            return "is retryable and must not be, or is not and must be";
        }
        if (code == BeamlineErrorCode.Cancelled) return search.IsCancelled ? null : "was not cancelled";
        if (code == BeamlineErrorCode.DeadlineExceeded) return ticket.Deadline <= _clock.GetUtcNow() ? null : "is not late";
        if (code == BeamlineErrorCode.Internal) return WildTickets.IsPoisoned(ticket) ? null : "is not to blame";
        if (code == BeamlineErrorCode.Overloaded) return _givesBack && search.Last is not { Life: not SearchLife.Waiting } ? null : "ran";
        if (code == BeamlineErrorCode.NoRoom) return HasOutgrown(search, reading) ? null : "has room";
        if (code != BeamlineErrorCode.WorkerLost) return "ended for an unknown reason";
        return IsLossExplained(error.Message) ? null : "was lost without a reason";
    }

    private string? FindFault(TrackedSearch search, SearchReading reading, ImmutableArray<FinishedHypothesis> found)
    {
        SearchTicket ticket = search.Ticket;
        if (ticket.PromptIds[0] == FaultyBackend.PromptPoison && ticket.PromptIds.Length > 1) return "cannot have been computed";
        string shown = Show(found), wanted = Show(Oracle.Run(ticket, _model));
        if (shown != wanted && ticket.Deadline <= _clock.GetUtcNow())
        {
            wanted = Show(Oracle.RunUntil(ticket, _model, StepOf(ticket, reading), SearchEndReason.Deadline));
        }
        return shown == wanted ? null : $"found {shown} and not {wanted}";
    }

    private bool HasOutgrown(TrackedSearch search, SearchReading reading)
    {
        SearchTicket ticket = search.Ticket;
        int prompt = ticket.PromptIds.Length, length = prompt + StepOf(ticket, reading) + 1, rows = search.Last?.RowsHeld ?? ticket.Rows;
        // Beyond the border rows share nothing, which nobody could tell when the search was offered.
        bool isBeyond = _settings.Traits.RecomputedBeyond is { } border && prompt <= border && length > border + 1;
        if (!isBeyond && ticket.Parameters.Values.MaxNewTokens is not null) return false;
        return (isBeyond ? rows * PagesOf(length) : BlocksOf(ticket, length, rows)) > _settings.Blocks;
    }

    private bool IsLossExplained(string message)
    {
        if (_plan.IsMachineTroubled) return true;
        bool isRefused = _plan.Has(FaultKind.ReserveThrows) || _plan.Has(FaultKind.ReserveRefused);
        if (_plan.Has(FaultKind.PassPoisoned) && (isRefused || _plan.HasFailedPasses)) return true;        // the probe blamed the machine
        if (message.Contains("hypothes", StringComparison.Ordinal))
        {
            return _plan.Has(FaultKind.ForkRefused) || _plan.Has(FaultKind.ReforkRefused);
        }
        if (message.Contains("memory", StringComparison.Ordinal)) return isRefused;
        // Rows that are computed again are lost with the pass.
        return _settings.Traits.RecomputedBeyond is not null
            && (_plan.HasFailedPasses || _plan.Has(FaultKind.PassPoisoned));
    }
}
