namespace Beamline.Engine.Loop;

/// <summary>When to try next to put a model onto its device again: the pause doubles with each try that failed.</summary>
/// <param name="time">The clock.</param>
/// <param name="first">The first pause.</param>
internal sealed class RecoveryPace(TimeProvider time, TimeSpan first)
{
    private const int MostDoubled = 5;
    private int _tries;
    private long _since = time.GetTimestamp();

    /// <summary>How long until the next try is due; zero or less when it is.</summary>
    public TimeSpan Left => (first * (1 << int.Min(_tries, MostDoubled))) - time.GetElapsedTime(_since);

    /// <summary>A try failed.</summary>
    public void Failed()
    {
        _tries++;
        _since = time.GetTimestamp();
    }

    /// <summary>Trouble begins anew.</summary>
    public void Reset()
    {
        _tries = 0;
        _since = time.GetTimestamp();
    }
}
