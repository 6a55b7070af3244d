using System.Collections.Concurrent;

namespace Beamline.Engine.Outputs;

/// <summary>Keeps chunks for reuse, a bounded number of them. Safe for concurrent use.</summary>
internal sealed class EventChunkPool
{
    private const int Kept = 4096;
    private readonly ConcurrentQueue<EventChunk> _chunks = new();

    public EventChunk Rent() => _chunks.TryDequeue(out EventChunk? chunk) ? chunk : new EventChunk();

    public void Return(EventChunk? first)
    {
        while (first is not null && _chunks.Count < Kept)
        {
            EventChunk? next = first.Next;
            first.Next = null;
            first.Logprobs = null;
            _chunks.Enqueue(first);
            first = next;
        }
    }
}
