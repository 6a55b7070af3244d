using System.Collections.Immutable;

namespace Beamline.Abstractions.Searches;

/// <summary>What one pull brings: everything that is ready from a position on.</summary>
/// <param name="From">The number of the first event, counted from 0 over the search's life.</param>
/// <param name="Events">The events; empty when the wait ran out first.</param>
/// <param name="Logprobs">One entry an event when log-probabilities were asked for, else empty.</param>
/// <param name="Outcome">Set when the search has ended and <paramref name="Events"/> holds its last event.</param>
[GenerateSerializer, Immutable, Alias("Beamline.SearchReading")]
public sealed record SearchReading(
    [property: Id(0)] long From,
    [property: Id(1)] ImmutableArray<SearchEvent> Events,
    [property: Id(2)] ImmutableArray<TokenLogprobs> Logprobs,
    [property: Id(3)] SearchOutcome? Outcome)
{
    /// <summary>The position to read on from.</summary>
    public long Next => From + Events.Length;
}
