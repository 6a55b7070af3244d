using System.Diagnostics;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Host;

namespace Beamline.Cli.Benchmarks;

/// <summary>Notes when decode passes begin, so that the engine's steps can be timed from outside.</summary>
internal sealed class TimedBackends(IBackendFactory inner) : IBackendFactory
{
    private const int Capacity = 1 << 16;
    private readonly long[] _starts = new long[Capacity];
    private int _count;
    private long _firstBytes;
    private long _lastBytes;
    private HostBackend? _opened;

    public IModelBackend Open(BackendLimits limits)
    {
        IModelBackend backend = inner.Open(limits);
        _opened = backend as HostBackend;
        return new TimedBackend(this, backend);
    }

    /// <summary>A backend, not timed, over the weights of the one that was opened.</summary>
    /// <remarks>Two copies of the same weights differ by several per cent in speed, by where in memory they happen to lie.</remarks>
    public IModelBackend Share(BackendLimits limits) =>
        _opened?.Share(limits) ?? throw new InvalidOperationException("Nothing is open.");

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

    private sealed class TimedBackend(TimedBackends owner, IModelBackend inner) : IModelBackend
    {
        public IKvCache Kv => inner.Kv;

        public PromptBatching PromptBatching => inner.PromptBatching;

        public int PassOverheadTokens => inner.PassOverheadTokens;

        public Memory<float> Logits => inner.Logits;

        public void Run(ForwardPass pass)
        {
            owner._lastBytes = GC.GetAllocatedBytesForCurrentThread();
            if (owner._firstBytes == 0) owner._firstBytes = owner._lastBytes;
            if (pass.IsDecode && owner._count < Capacity) owner._starts[owner._count++] = Stopwatch.GetTimestamp();
            inner.Run(pass);
        }

        public bool Reopen() => inner.Reopen();

        public void Dispose() => inner.Dispose();
    }
}
