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

    /// <summary>
    /// Begins to load a model and answers soon; <see cref="DescribeAsync"/> tells in <see cref="WorkerDescription.Statuses"/> how it goes.
    /// Loading one that is being loaded, or has been, changes nothing.
    /// </summary>
    /// <param name="model">A name of the catalogue on the worker's machine; never looked up as a path.</param>
    /// <param name="cancellationToken">Ends the call, not the loading.</param>
    [Alias("LoadModel")]
    ValueTask<ModelAnswer> LoadModelAsync(string model, CancellationToken cancellationToken);

    /// <summary>
    /// Takes no new searches for a model from now on and begins to unload it: its searches move to other workers that have it, or run to
    /// their end, a bounded time, where none has. It is gone when <see cref="DescribeAsync"/> does not show it any more.
    /// </summary>
    /// <param name="model">The name it is served by.</param>
    /// <param name="cancellationToken">Ends the call, not the unloading.</param>
    [Alias("UnloadModel")]
    ValueTask<ModelAnswer> UnloadModelAsync(string model, CancellationToken cancellationToken);

    /// <summary>What it is and how busy.</summary>
    [Alias("Describe")]
    ValueTask<WorkerDescription> DescribeAsync();
}
