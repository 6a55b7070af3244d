namespace Beamline.Client.Resilience;

/// <summary>Says how long to wait before a failed call is repeated, and when to stop. Any progress makes it whole again.</summary>
/// <param name="limits">The limits.</param>
/// <param name="time">The clock.</param>
/// <param name="jitter">Gives a number from 0 to 1, so that many clients of one lost silo do not come back in the same instant.</param>
/// <remarks>For one caller at a time.</remarks>
internal sealed class RetryBudget(RetryLimits limits, TimeProvider time, Func<double> jitter)
{
    private int _failures;
    private long _firstFailure;

    /// <summary>Failed calls since the last progress.</summary>
    public int Failures => _failures;

    /// <summary>Forgets the failures.</summary>
    public void Refill() => _failures = 0;

    /// <summary>Counts a failure.</summary>
    /// <param name="atLeast">
    /// A wait that the other side asked for; longer than the longest delay when it says so, within the time limit.
    /// </param>
    /// <param name="delay">How long to wait before the next call: between half and all of the doubled delay.</param>
    /// <returns>False when number or time are used up.</returns>
    public bool TryTake(TimeSpan atLeast, out TimeSpan delay)
    {
        delay = TimeSpan.Zero;
        if (_failures == 0) _firstFailure = time.GetTimestamp();
        if (_failures >= limits.MaxRetries) return false;

        double full = Math.Min(limits.FirstRetryDelay.TotalMilliseconds * Math.Pow(2, _failures), limits.MaxRetryDelay.TotalMilliseconds);
        delay = TimeSpan.FromMilliseconds(full * (0.5 + (0.5 * jitter())));
        if (delay < atLeast) delay = atLeast;
        if (time.GetElapsedTime(_firstFailure) + delay > limits.MaxRetryTime) return false;

        _failures++;
        return true;
    }
}
