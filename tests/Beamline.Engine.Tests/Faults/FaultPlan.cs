namespace Beamline.Engine.Tests.Faults;

/// <summary>Decides what fails, from a seed: single faults, and bursts in which every pass of a kind fails.</summary>
/// <remarks>
/// Two single failures are followed by a quiet stretch, and so is a burst: a search that fails thrice in a row beside probes that succeed
/// is to blame by the engine's rules, and here only the poisoned ones are to be.
/// </remarks>
internal sealed class FaultPlan(Random random)
{
    private const int Quiet = 40;
    private static readonly int Kinds = Enum.GetValues<FaultKind>().Length;
    private long _pass;
    private long _last = -Quiet, _secondLast = -Quiet;
    private int _burstLeft;
    private bool _burstDecodes, _burstPrefills;

    /// <summary>Whether anything but poison fails.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>How often each kind struck.</summary>
    public long[] Counts { get; } = new long[Kinds];

    /// <summary>How often each kind struck in the present step.</summary>
    public int[] InStep { get; } = new int[Kinds];

    /// <summary>Whether the machine gave cause to lose searches in the present step.</summary>
    public bool IsMachineTroubled => Has(FaultKind.PassInBurst) || Has(FaultKind.ReopenThrows) || Has(FaultKind.ReopenEmpties)
        || Has(FaultKind.Defect) || InStep[(int)FaultKind.PassBefore] + InStep[(int)FaultKind.PassAfter] >= 2;

    /// <summary>Whether single passes failed in the present step.</summary>
    public bool HasFailedPasses => Has(FaultKind.PassBefore) || Has(FaultKind.PassAfter);

    /// <summary>Whether a kind struck in the present step.</summary>
    public bool Has(FaultKind kind) => InStep[(int)kind] > 0;

    /// <summary>A step begins.</summary>
    public void BeginStep() => Array.Clear(InStep);

    /// <summary>Whether an operation fails.</summary>
    public bool Strikes(FaultKind kind)
    {
        if (!IsOn || random.NextDouble() >= RateOf(kind)) return false;
        Note(kind);
        return true;
    }

    /// <summary>How a pass fails; null when it does not.</summary>
    public FaultKind? OfPass(bool decode, bool isPoisoned)
    {
        _pass++;
        if (!IsOn) _burstLeft = 0;
        if (_burstLeft > 0 && (decode ? _burstDecodes : _burstPrefills))
        {
            _burstLeft--;
            _last = _secondLast = _pass;
            return Note(FaultKind.PassInBurst);
        }
        if (isPoisoned) return Note(FaultKind.PassPoisoned);
        if (!IsOn || _burstLeft > 0) return null;
        if (_pass - _last > Quiet && random.Next(1500) == 0)
        {
            _burstLeft = random.Next(1, 40);
            int kind = random.Next(3);
            (_burstDecodes, _burstPrefills) = (kind != 0, kind != 1);
            return OfPass(decode, isPoisoned);
        }
        if (_pass - _secondLast <= Quiet || random.NextDouble() >= RateOf(FaultKind.PassBefore)) return null;
        (_secondLast, _last) = (_last, _pass);
        return Note(random.Next(2) == 0 ? FaultKind.PassBefore : FaultKind.PassAfter);
    }

    private FaultKind Note(FaultKind kind)
    {
        Counts[(int)kind]++;
        InStep[(int)kind]++;
        return kind;
    }

    private static double RateOf(FaultKind kind) => kind switch
    {
        FaultKind.ReopenThrows or FaultKind.ReopenEmpties or FaultKind.OpenThrows => 0.3,
        FaultKind.PassBefore or FaultKind.RestoreRefused or FaultKind.SaveThrows => 0.02,
        FaultKind.Defect => 0.0005,
        _ => 0.003,
    };
}
