using Beamline.Engine.Backends;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Faults;

/// <summary>A backend whose passes, openings and memory fail as a plan says, and whose garbage is garbage.</summary>
internal sealed class FaultyBackend : IModelBackend
{
    /// <summary>A prompt that begins with it makes every pass over it fail.</summary>
    public const int PromptPoison = HashModel.Vocabulary - 1;

    /// <summary>A prompt that begins with it makes every pass over a single token behind it fail.</summary>
    public const int DecodePoison = HashModel.Vocabulary - 2;

    private readonly IHashBackend _inner;
    private readonly FaultPlan _plan;
    private readonly FaultyKv _kv;
    private readonly ForwardPass _garbage;
    private readonly Action<string> _brokenLaw;
    private bool _isOpen = true;

    public FaultyBackend(IHashBackend inner, FaultPlan plan, BackendLimits limits, Action<string> brokenLaw)
    {
        _inner = inner;
        _plan = plan;
        _brokenLaw = brokenLaw;
        _kv = new FaultyKv(inner.Kv, plan);
        _garbage = new ForwardPass(limits.Rows, limits.PassTokens);
    }

    public IKvCache Kv => _kv;

    public PromptBatching PromptBatching => _inner.PromptBatching;

    public int PassOverheadTokens => _inner.PassOverheadTokens;

    public Memory<float> Logits => _inner.Logits;

    public void Run(ForwardPass pass)
    {
        if (!_isOpen) throw new InvalidOperationException("injected: not open");
        if (_plan.OfPass(pass.IsDecode, IsPoisoned(pass)) is not { } fault)
        {
            Compute(pass);
            return;
        }
        if (fault != FaultKind.PassBefore) Spoil(pass);
        Logits.Span.Fill(float.NaN);
        throw new IOException($"injected: {fault}");
    }

    public bool Reopen()
    {
        _isOpen = false;
        if (_plan.Strikes(FaultKind.ReopenThrows)) throw new InsufficientMemoryException("injected");
        bool empties = _plan.Strikes(FaultKind.ReopenEmpties);
        bool isWhole = _inner.Reopen();
        _isOpen = true;
        if (!empties) return isWhole;
        _kv.Empty();
        return false;
    }

    public void Dispose() => _inner.Dispose();

    private bool IsPoisoned(ForwardPass pass)
    {
        foreach (PassEntry entry in pass.Entries)
        {
            int first = entry.Start == 0 ? pass.TokensOf(entry)[0] : _inner.TokenAt(entry.Sequence, 0);
            if (first == (pass.IsDecode ? DecodePoison : PromptPoison)) return true;
        }
        return false;
    }

    private void Compute(ForwardPass pass)
    {
        try
        {
            _inner.Run(pass);
        }
        catch (Exception e)
        {
            _brokenLaw(e.Message);
            throw;
        }
    }

    /// <summary>Leaves other tokens behind the sequences' lengths.</summary>
    private void Spoil(ForwardPass pass)
    {
        _garbage.Clear();
        foreach (PassEntry entry in pass.Entries)
        {
            int[] tokens = [.. pass.TokensOf(entry).ToArray().Select(token => (token + 1) % HashModel.Vocabulary)];
            if (tokens.Length == 1) _garbage.Add(entry.Sequence, entry.Start, tokens[0], entry.Logits >= 0);
            else _garbage.Add(entry.Sequence, entry.Start, tokens);
        }
        Compute(_garbage);
    }
}
