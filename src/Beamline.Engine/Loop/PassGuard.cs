using Beamline.Engine.Batching;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Loop;

/// <summary>
/// What follows a failed pass. Its searches are tried again one by one, so that the one whose input causes it ends alone; a probe, a pass
/// that must succeed, tells its fault from the machine's. Owned by the engine thread.
/// </summary>
/// <remarks>
/// A pass that fails for no search of its own counts against the machine: three in a row of one kind open the session anew, six end the
/// engine's work until it has recovered. A kind is judged by itself: prompts that succeed say nothing of decoding.
/// </remarks>
/// <param name="model">The model's name.</param>
/// <param name="log">Tells the log.</param>
internal sealed class PassGuard(string model, IPassGuardLog log)
{
    private const int FailuresToReopen = 3, FailuresToGiveUp = 6;
    private readonly int[] _inRow = new int[2];
    private readonly List<EngineSearch> _failing = [];

    /// <summary>Passes that failed.</summary>
    public long FailedPasses { get; private set; }

    /// <summary>A pass of several searches, or of the only one, succeeded.</summary>
    public void Succeeded(bool decode) => _inRow[decode ? 1 : 0] = 0;

    /// <summary>Begins anew: the model was put onto the device again.</summary>
    public void Reset() => Array.Clear(_inRow);

    /// <summary>Deals with a failed pass.</summary>
    /// <param name="failure">Why it failed.</param>
    /// <param name="searches">Its searches.</param>
    /// <param name="decode">Its kind.</param>
    /// <param name="batch">Where they run.</param>
    /// <param name="alone">Runs one search's part of the pass; throws <see cref="ForwardException"/>.</param>
    /// <returns>What is left of the engine.</returns>
    public PassVerdict Handle(
        ForwardException failure, ReadOnlySpan<EngineSearch> searches, bool decode, Batch batch, Action<EngineSearch> alone)
    {
        log.PassFailed(failure, model, searches.Length);
        FailedPasses++;
        int inRow = ++_inRow[decode ? 1 : 0];
        if (inRow >= FailuresToGiveUp) return PassVerdict.Broken;
        PassVerdict verdict = PassVerdict.Sound;
        if (inRow == FailuresToReopen && (verdict = Reopen(batch, decode)) != PassVerdict.Sound) return verdict;

        _failing.Clear();
        foreach (EngineSearch search in searches)
        {
            if (search.IsActive && !TryAlone(search, alone)) _failing.Add(search);
        }
        if (_failing.Count == 0) return PassVerdict.Sound;
        if (batch.Probe.TryRun(decode) == false && (verdict = Reopen(batch, decode)) != PassVerdict.Sound) return verdict;
        foreach (EngineSearch search in _failing)
        {
            if (TryAlone(search, alone)) continue;
            // It ends here, whoever is to blame; what it held is room for the probe, which has to know.
            batch.DropRows(search);
            if (batch.Probe.TryRun(decode) != true) return PassVerdict.Broken;
            // The machine is sound, and this search fails again and again: nobody else is to blame, and nobody else pays.
            search.End(Outcomes.Impossible(model, FirstLine(_last!.Message)));
            log.SearchImpossible(_last, search.Ticket.Id);
            Succeeded(decode);
        }
        return PassVerdict.Sound;
    }

    private ForwardException? _last;

    private bool TryAlone(EngineSearch search, Action<EngineSearch> alone)
    {
        try
        {
            alone(search);
            return true;
        }
        catch (ForwardException e)
        {
            FailedPasses++;
            _last = e;
            return false;
        }
    }

    private PassVerdict Reopen(Batch batch, bool decode)
    {
        try
        {
            bool isWhole = batch.Reopen();
            if (batch.Probe.TryRun(decode) == false) return PassVerdict.Broken;
            return isWhole ? PassVerdict.Sound : PassVerdict.Emptied;
        }
        catch (Exception e)
        {
            log.ReopenFailed(e, model);
            return PassVerdict.Broken;
        }
    }

    private static string FirstLine(string text) => text.AsSpan().Trim().ToString().Split('\n')[0];
}
