using System.ComponentModel.DataAnnotations;

namespace Beamline.Grains.Sequences;

/// <summary>How runs are kept and moved: section <c>Beamline:Sequences</c>.</summary>
public sealed class SequenceOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Beamline:Sequences";

    private static readonly TimeSpan MaxStartWait = TimeSpan.FromSeconds(20);

    /// <summary>How long a finished run stays readable. Range 1 s to 1 day; default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepFinished { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A run that nobody has read for so long is cancelled, unless it is durable. Range 1 s to 1 h; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan UnreadLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest a reader waits for news before it gets an empty reading. Range 0.1 s to 20 s; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:20")]
    public TimeSpan ReadWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a search waits for a worker to appear, at the start of a cluster or after a loss. At its start a caller waits with it: then
    /// it is 20 s at most. Range 0 s to 10 min; default 20 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WorkerWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>As <see cref="WorkerWait"/>, for a search that starts: within what the calls allow that start one.</summary>
    internal TimeSpan StartWait => WorkerWait < MaxStartWait ? WorkerWait : MaxStartWait;

    /// <summary>How often a search may move to another worker before it fails. Range 0 to 1000; default 16.</summary>
    [Range(0, 1000)]
    public int MaxMoves { get; set; } = 16;

    /// <summary>Prompts of one request at most. Range 1 to 100000; default 128.</summary>
    [Range(1, 100_000)]
    public int MaxPrompts { get; set; } = 128;

    /// <summary>Characters of one text prompt at most. Range 1 to 100 million; default 4 million.</summary>
    [Range(1, 100_000_000)]
    public int MaxPromptLength { get; set; } = 4_000_000;
}
