using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;

namespace Beamline.Abstractions.Grains;

/// <summary>One request. Its key is the request id.</summary>
[Alias("Beamline.ISequenceGrain")]
public interface ISequenceGrain : IGrainWithStringKey
{
    /// <summary>Starts the run. Starting it again with the same content changes nothing.</summary>
    /// <exception cref="BeamlineException">
    /// Invalid, unknown model, overloaded, no worker; conflict when the id runs, or is stored, with other content; storage when the request
    /// is durable and could not be stored.
    /// </exception>
    // Waits for a worker that has the model, and then for one that takes the searches, 20 s each at most; other calls answer sooner.
    [Alias("Start"), ResponseTimeout("00:00:45")]
    ValueTask StartAsync(GenerationRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a run that was lost: as <see cref="StartAsync"/>, but its searches go before those that have not begun anywhere.
    /// </summary>
    /// <exception cref="BeamlineException">As there.</exception>
    [Alias("StartAgain"), ResponseTimeout("00:00:45")]
    ValueTask StartAgainAsync(GenerationRequest request, CancellationToken cancellationToken);

    /// <summary>Waits until updates from a position on are there, a bounded time, and returns all that are ready.</summary>
    /// <param name="from">The first position wanted; 0 or more. Any number of readers may read any part again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BeamlineException">No such run: start it again and read on. Or the storage, which would know, is away.</exception>
    [Alias("Read")]
    ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken);

    /// <summary>Waits until the run has ended, a bounded time; null when the wait ran out first.</summary>
    /// <exception cref="BeamlineException">The run failed, or is not known; or the storage, which would know, is away.</exception>
    [Alias("AwaitCompletion")]
    ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken);

    /// <summary>Where the run is. A durable one that was lost is started again.</summary>
    /// <exception cref="BeamlineException">It does not run, and the storage, which would know of it, is away.</exception>
    [Alias("GetSnapshot")]
    ValueTask<RunSnapshot> GetSnapshotAsync();

    /// <summary>
    /// Ends the run within one step. Its readers see <see cref="Failed"/> with <see cref="BeamlineErrorCode.Cancelled"/>.
    /// </summary>
    /// <exception cref="BeamlineException">It does not run, and the storage, which would know of it, is away.</exception>
    [Alias("Cancel")]
    ValueTask CancelAsync();
}
