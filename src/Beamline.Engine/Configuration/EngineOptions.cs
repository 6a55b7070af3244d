using System.ComponentModel.DataAnnotations;

namespace Beamline.Engine.Configuration;

/// <summary>Limits of one engine.</summary>
public sealed class EngineOptions
{
    /// <summary>Rows of the batch: sequences that are computed together. Range 1 to 256; default 16.</summary>
    [Range(1, 256)]
    public int Rows { get; set; } = 16;

    /// <summary>
    /// Bytes that the KV of running searches may take in memory. Null: half of the memory that is free when the model is loaded, and no
    /// more than all rows at full length take. Range 1 and more.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long? KvBytes { get; set; }

    /// <summary>Prompt tokens one step may prefill before rows that decode get their turn. Range 2 to 65536; default 512.</summary>
    [Range(2, 65536)]
    public int PrefillTokens { get; set; } = 512;

    /// <summary>
    /// Longest that rows which decode wait for prompts in one step, as far as it can be told from the passes before; long prompts are
    /// computed in smaller pieces then. Range 1 ms to 10 s; default 100 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan PrefillTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Searches that may wait while no rows are free; one more is refused as overloaded. Range 1 to 100000; default 1024.
    /// </summary>
    [Range(1, 100_000)]
    public int QueuedSearches { get; set; } = 1024;

    /// <summary>
    /// Bytes that the cache of prompt prefixes, and of what preempted searches held, may take; 0 turns it off. Default 64 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long PrefixCacheBytes { get; set; } = 64L << 20;

    /// <summary>
    /// Threads of a forward pass. 0: one a physical core, and one alone for models too small to share out. Range 0 to 256; default 0.
    /// </summary>
    [Range(0, 256)]
    public int Threads { get; set; }

    /// <summary>Least time between two deliveries to one reader, the first and the last excepted. Range 0 to 1 s; default 20 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan StreamInterval { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest a reader waits for news before it gets an empty reading. Range 0.1 s to 20 s; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:20")]
    public TimeSpan ReadWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Pause before a model whose passes fail is put onto its device again; each further try doubles it, up to 32 times. Range 10 ms to
    /// 1 min; default 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan RecoveryPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A model that has not worked for so long, in spite of all tries, makes the process report itself as not alive, so that a supervisor
    /// starts it again. Range 1 s to 1 day; default 2 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RecoveryLimit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A forward pass longer than this hangs: its searches move, and the engine takes no others until it is back. Range 1 s to 1 h; default
    /// 60 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan HangTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The same limits with other rows and another budget of KV.</summary>
    public EngineOptions With(int rows, long? kvBytes)
    {
        EngineOptions other = (EngineOptions)MemberwiseClone();
        (other.Rows, other.KvBytes) = (rows, kvBytes);
        return other;
    }
}
