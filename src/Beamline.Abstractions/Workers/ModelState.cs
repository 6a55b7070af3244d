namespace Beamline.Abstractions.Workers;

/// <summary>Where a model is in its life on one worker.</summary>
public enum ModelState
{
    /// <summary>Its files are being read; no search can use it yet.</summary>
    Loading,

    /// <summary>Takes searches.</summary>
    Ready,

    /// <summary>Takes no new searches; those it has move to other workers, or run to their end where no other worker has it.</summary>
    Draining,

    /// <summary>It could not be loaded; shown until it is loaded or unloaded again.</summary>
    Failed,

    /// <summary>
    /// Its forward passes fail, or one hangs: takes no searches, those it had move. It is opened again with growing pauses, beside the
    /// device's other models.
    /// </summary>
    Recovering,
}
