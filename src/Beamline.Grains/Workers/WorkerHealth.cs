namespace Beamline.Grains.Workers;

/// <summary>Whether this silo's models work, for whoever supervises the process. Safe for concurrent use.</summary>
public sealed class WorkerHealth
{
    private readonly LocalWorkers _workers;

    internal WorkerHealth(LocalWorkers workers) => _workers = workers;

    /// <summary>
    /// Models, with their devices, that have not worked for longer than <c>Beamline:Workers:Engine:RecoveryLimit</c>, in spite of all
    /// tries: only a new process may help.
    /// </summary>
    public IEnumerable<string> BeyondRecovery =>
        from worker in _workers.All
        from engine in worker.Models.Engines
        where engine.IsBeyondRecovery
        select $"{engine.Model.Name} on {worker.Id.Device}";
}
