using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;

namespace Beamline.Abstractions.Grains;

/// <summary>One device. Its key is <see cref="WorkerId"/>; it runs on the silo that owns the device and nowhere else.</summary>
[Alias("Beamline.IModelWorkerGrain")]
public interface IModelWorkerGrain : IGrainWithStringKey
{
    /// <summary>Offers a search; answers at once. Offering it again changes nothing.</summary>
    /// <param name="ticket">The search.</param>
    /// <param name="mayWait">Whether it is to be taken when it would have to wait for rows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [Alias("Submit")]
    ValueTask<SubmitAnswer> SubmitAsync(SearchTicket ticket, bool mayWait, CancellationToken cancellationToken);

    /// <summary>Waits until events from a position on are there, a bounded time, and returns all that are ready.</summary>
    /// <param name="search">The search.</param>
    /// <param name="model">The model it runs on.</param>
    /// <param name="epoch">The epoch in which it was accepted.</param>
    /// <param name="from">The first event wanted; any part may be read again until the search is forgotten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">The worker does not have the search, or not in that epoch.</exception>
    [Alias("Read")]
    ValueTask<SearchReading> ReadAsync(SearchId search, string model, long epoch, long from, CancellationToken cancellationToken);

    /// <summary>Forgets a search; one that still runs ends within one step. Nothing happens when it is not there.</summary>
    [Alias("Forget")]
    ValueTask ForgetAsync(SearchId search);

    /// <summary>Takes no new searches from now on and ends those it has as retryable, so that they move.</summary>
    [Alias("Drain")]
    ValueTask DrainAsync(CancellationToken cancellationToken);

    /// <summary>What it is and how busy.</summary>
    [Alias("Describe")]
    ValueTask<WorkerDescription> DescribeAsync();
}
