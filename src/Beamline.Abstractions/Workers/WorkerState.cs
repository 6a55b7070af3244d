namespace Beamline.Abstractions.Workers;

/// <summary>Where a worker is in its life.</summary>
public enum WorkerState
{
    /// <summary>Its models are still loading.</summary>
    Starting,

    /// <summary>Takes searches.</summary>
    Ready,

    /// <summary>Takes no new searches; those it has move away.</summary>
    Draining,

    /// <summary>None of its models works at present; see <see cref="ModelState.Recovering"/>.</summary>
    Unhealthy,
}
