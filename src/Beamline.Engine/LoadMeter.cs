using Beamline.Engine.Batching;

namespace Beamline.Engine;

/// <summary>Publishes the engine's load every now and then. Written by the engine thread, read by anybody.</summary>
internal sealed class LoadMeter
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly int _rows;
    private long _published;
    private long _windowStart;
    private long _windowTokens;
    private double _rate;
    private volatile EngineLoad _load;

    public LoadMeter(TimeProvider time, int rows)
    {
        _time = time;
        _rows = rows;
        _windowStart = time.GetTimestamp();
        _load = new(rows, 0, 0, 0, 0, 0, [], default);
    }

    public EngineLoad Load => _load;

    /// <summary>After a step: publishes if the last time is long enough ago, or told of an idle engine.</summary>
    public void Measure(Batch batch, List<EngineSearch> running, WaitingLine line, long receivedRows)
    {
        bool isNews = _load.FreeRows == _rows || _time.GetElapsedTime(_published) >= Period;
        if (isNews) Publish(batch, running, line, receivedRows);
    }

    /// <summary>Publishes now.</summary>
    public void Publish(Batch batch, List<EngineSearch> running, WaitingLine line, long receivedRows)
    {
        EngineCounters counters = batch.Counters;
        _published = _time.GetTimestamp();
        TimeSpan window = _time.GetElapsedTime(_windowStart, _published);
        if (window >= RateWindow)
        {
            // An idle stretch says nothing about what the device can do: the last rate stands.
            long tokens = counters.GeneratedTokens - _windowTokens;
            if (tokens > 0) _rate = tokens / window.TotalSeconds;
            (_windowStart, _windowTokens) = (_published, counters.GeneratedTokens);
        }
        int freeRows = _rows;
        long kvUsed = 0;
        foreach (EngineSearch search in running)
        {
            freeRows -= search.RowsHeld;
            kvUsed += search.KvHeld;
        }
        _load = new(freeRows, line.Count, line.Tokens, kvUsed, _rate, receivedRows, batch.Prefixes, counters);
    }
}
