namespace Beamline.Client.Resilience;

/// <summary>How often and how long failed calls are repeated.</summary>
internal sealed record RetryLimits
{
    /// <summary>Failed calls in a row at most; 0 gives up at once.</summary>
    public required int MaxRetries { get; init; }

    /// <summary>Time from the first failed call on.</summary>
    public required TimeSpan MaxRetryTime { get; init; }

    /// <summary>Wait before the first retry; each further one waits twice as long.</summary>
    public required TimeSpan FirstRetryDelay { get; init; }

    /// <summary>The longest wait between two retries.</summary>
    public required TimeSpan MaxRetryDelay { get; init; }
}
