using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;

namespace Beamline.Abstractions.Grains;

/// <summary>
/// One search: finds a worker for it, follows it there, and moves it when the worker goes away. Its key is <see cref="SearchId"/>.
/// </summary>
[Alias("Beamline.IBeamGrain")]
public interface IBeamGrain : IGrainWithStringKey
{
    /// <summary>Starts the search. Starting it again changes nothing.</summary>
    /// <exception cref="BeamlineException">Overloaded, no worker, unknown model.</exception>
    // Waits for a worker to appear, 20 s at most; other calls answer sooner.
    [Alias("Start"), ResponseTimeout("00:00:30")]
    ValueTask StartAsync(SearchTicket ticket, CancellationToken cancellationToken);

    /// <summary>Waits until events from a position on are there, a bounded time, and returns all that are ready.</summary>
    /// <param name="from">The first event wanted, counted from 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">No such search.</exception>
    [Alias("Read")]
    ValueTask<SearchReading> ReadAsync(long from, CancellationToken cancellationToken);

    /// <summary>Ends the search within one step and forgets it; one that has ended is forgotten only.</summary>
    [Alias("Cancel")]
    ValueTask CancelAsync();
}
