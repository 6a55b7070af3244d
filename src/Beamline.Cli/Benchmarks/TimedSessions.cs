using System.Diagnostics;
using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;

namespace Beamline.Cli.Benchmarks;

/// <summary>Notes when decode passes begin, so that the engine's steps can be timed from outside.</summary>
internal sealed class TimedSessions(ISessionFactory inner) : ISessionFactory
{
    private const int Capacity = 1 << 16;
    private readonly long[] _starts = new long[Capacity];
    private int _count;
    private long _firstBytes;
    private long _lastBytes;
    private OnnxSession? _opened;

    public IModelSession Open(KvPool pool, ForwardBuffers buffers)
    {
        IModelSession session = inner.Open(pool, buffers);
        _opened = session as OnnxSession;
        return new TimedSession(this, session);
    }

    /// <summary>A session, not timed, over the weights of the one that was opened.</summary>
    /// <remarks>Two copies of the same weights differ by several per cent in speed, by where in memory they happen to lie.</remarks>
    public IModelSession Share(KvPool pool, ForwardBuffers buffers) =>
        _opened?.Share(pool, buffers) ?? throw new InvalidOperationException("No session is open.");

    /// <summary>Forgets what was noted.</summary>
    public void Clear()
    {
        _count = 0;
        _firstBytes = 0;
    }

    /// <summary>Managed bytes that the engine's thread allocated from the first pass to the last.</summary>
    public long LoopBytes => _lastBytes - _firstBytes;

    /// <summary>Milliseconds from each decode pass to the next.</summary>
    public double[] StepMilliseconds() =>
    [
        .. Enumerable.Range(1, int.Max(0, _count - 1))
            .Select(i => Stopwatch.GetElapsedTime(_starts[i - 1], _starts[i]).TotalMilliseconds),
    ];

    private sealed class TimedSession(TimedSessions owner, IModelSession session) : IModelSession
    {
        public void Run(in ForwardShape shape)
        {
            owner._lastBytes = GC.GetAllocatedBytesForCurrentThread();
            if (owner._firstBytes == 0) owner._firstBytes = owner._lastBytes;
            if (shape.Tokens == 1 && owner._count < Capacity) owner._starts[owner._count++] = Stopwatch.GetTimestamp();
            session.Run(shape);
        }

        public void Dispose() => session.Dispose();
    }
}
