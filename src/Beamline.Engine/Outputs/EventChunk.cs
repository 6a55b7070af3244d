using Beamline.Abstractions.Searches;

namespace Beamline.Engine.Outputs;

/// <summary>A fixed number of consecutive events; chained and pooled, so that publishing an event allocates nothing.</summary>
internal sealed class EventChunk
{
    /// <summary>Events in a chunk.</summary>
    public const int Size = 128;

    public readonly SearchEvent[] Events = new SearchEvent[Size];

    /// <summary>One an event, when the search reports them; else null.</summary>
    public TokenLogprobs[]? Logprobs;

    public EventChunk? Next;
}
