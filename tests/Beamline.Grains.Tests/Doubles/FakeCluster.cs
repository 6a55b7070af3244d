using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using NSubstitute;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>A grain factory over a directory and workers that do what a test says.</summary>
internal sealed class FakeCluster
{
    private readonly Dictionary<WorkerId, FakeWorker> _workers = [];

    public FakeCluster() => Grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key).Returns(Directory);

    public IGrainFactory Grains { get; } = Substitute.For<IGrainFactory>();

    public FakeDirectory Directory { get; } = new();

    /// <summary>Announces a worker; again: with other figures.</summary>
    public FakeWorker Announce(WorkerDescription worker)
    {
        Directory.Workers = [.. Directory.Workers.Where(known => known.Id != worker.Id), worker];
        if (_workers.TryGetValue(worker.Id, out FakeWorker? grain)) return grain;
        _workers[worker.Id] = grain = new();
        Grains.GetGrain<IModelWorkerGrain>(worker.Id.ToString()).Returns(grain);
        return grain;
    }
}
