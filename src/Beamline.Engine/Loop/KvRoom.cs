using Beamline.Engine.Backends;

namespace Beamline.Engine.Loop;

/// <summary>What the memory for KV can hold, for those who ask from outside the engine's thread: arithmetic that never changes.</summary>
/// <param name="kv">A cache of the engine's.</param>
internal sealed class KvRoom(IKvCache kv)
{
    private readonly long _blockBytes = kv.BlockBytes;
    private readonly int _blocks = kv.Blocks;

    /// <summary>Bytes that sequences of one search take at most.</summary>
    public long BytesOf(int sequences, int shared, int length) => kv.Cost(sequences, shared, length) * _blockBytes;

    /// <summary>Whether sequences of one search fit when nothing else is there.</summary>
    public bool CanHold(int sequences, int shared, int length) => kv.Cost(sequences, shared, length) <= _blocks;
}
