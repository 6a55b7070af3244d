using System.ComponentModel.DataAnnotations;

namespace Beamline.Grains.Durability;

/// <summary>How durable requests are stored, started again and kept: section <c>Beamline:Durable</c>. The same on all silos.</summary>
public sealed class DurableOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Beamline:Durable";

    /// <summary>
    /// How often a stored request is looked after: so long at most it waits, once silos are back, until it is started again; a reader
    /// starts it at once. Range 1 s to 1 h; default 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RestartInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often one may be started again before it fails with <c>worker_lost</c>. Range 0 to 1000; default 16.</summary>
    [Range(0, 1000)]
    public int MaxRestarts { get; set; } = 16;

    /// <summary>
    /// How long after its start one that finds no worker is still tried, before it fails with what refuses it. Range 1 s to 30 days;
    /// default 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan KeepUnfinished { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long an outcome stays readable. Range 1 s to 30 days; default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan KeepFinished { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Bytes stored for one request at most. A larger request is refused; of a larger outcome the updates before the last are left out, and
    /// if that does not suffice the request fails. Range 1 KiB to 256 MiB; default 16 MiB.
    /// </summary>
    [Range(1 << 10, 256 << 20)]
    public int MaxBytes { get; set; } = 16 << 20;

    /// <summary>
    /// Longest a call waits for the storage. Range 0.1 s to 20 s, and less than a call between processes may take; default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:20")]
    public TimeSpan StorageWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After the storage has failed, how long it is left alone and what refused callers are told to wait. Range 0.1 s to 1 min; default
    /// 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan StorageRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest pause between two tries to store an outcome; the first is <see cref="StorageRetry"/>, each further one twice as long.
    /// Range 1 s to 10 min; default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan MaxStorageRetry { get; set; } = TimeSpan.FromSeconds(30);
}
