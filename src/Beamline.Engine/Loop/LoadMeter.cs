using Beamline.Engine.Batching;
using Beamline.Engine.Reporting;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Loop;

/// <summary>Publishes the engine's load every now and then. Written by the engine thread, read by anybody.</summary>
/// <param name="time">The clock.</param>
/// <param name="rows">Rows of the batch.</param>
internal sealed class LoadMeter(TimeProvider time, int rows)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(1);

    private long _published;
    private long _windowStart = time.GetTimestamp();
    private long _windowTokens;
    private double _rate;
    private volatile EngineLoad _load = new(rows, 0, 0, 0, 0, 0, 0, 0, [], default);

    /// <summary>The last that was published.</summary>
    public EngineLoad Load => _load;

    /// <summary>Whether the last time is long enough ago, or told of an idle engine.</summary>
    public bool IsDue => _load.FreeRows == rows || time.GetElapsedTime(_published) >= Period;

    /// <summary>Publishes now.</summary>
    public void Publish(Roster roster, long receivedRows, in EngineCounters counters)
    {
        Batch? batch = roster.Batch;
        _published = time.GetTimestamp();
        TimeSpan window = time.GetElapsedTime(_windowStart, _published);
        if (window >= RateWindow)
        {
            // An idle stretch says nothing about what the device can do: the last rate stands.
            long tokens = counters.GeneratedTokens - _windowTokens;
            if (tokens > 0) _rate = tokens / window.TotalSeconds;
            (_windowStart, _windowTokens) = (_published, counters.GeneratedTokens);
        }
        int freeRows = rows;
        foreach (EngineSearch search in roster.Running) freeRows -= search.RowsHeld;
        _load = new(
            freeRows,
            roster.Line.Count,
            roster.Line.Tokens,
            batch is null ? 0 : batch.Kv.UsedBlocks * batch.Kv.BlockBytes,
            batch?.Kv.ResidentBytes ?? 0,
            batch?.PrefixBytes ?? 0,
            _rate,
            receivedRows,
            batch?.Prefixes ?? [],
            counters);
    }
}
