using System.ComponentModel.DataAnnotations;
using Beamline.Client.Resilience;

namespace Beamline.Client;

/// <summary>How patient a <see cref="BeamlineClient"/> is when silos come and go.</summary>
public sealed class BeamlineClientOptions
{
    /// <summary>
    /// Failed calls in a row, without a new update between them, before a run is given up. Range 0 to 1000; default 20; 0 gives up at
    /// once.
    /// </summary>
    [Range(0, 1000)]
    public int MaxRetries { get; set; } = 20;

    /// <summary>
    /// Time without a new update, from the first failed call on, before a run is given up. Range 0 to 1 hour; default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan MaxRetryTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Wait before the first retry; each further one waits twice as long. Range 0 to 1 minute; default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two retries. Range 0 to 1 minute; default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a caller that leaves a run waits for its cancellation to be confirmed. Range 0 to 1 minute; default 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CancelTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What of these bounds the repeating of calls.</summary>
    internal RetryLimits Retries => new()
    {
        MaxRetries = MaxRetries, MaxRetryTime = MaxRetryTime, FirstRetryDelay = FirstRetryDelay, MaxRetryDelay = MaxRetryDelay,
    };
}
