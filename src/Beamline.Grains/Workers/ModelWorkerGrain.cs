using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Placement;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Beamline.Grains.Workers;

/// <summary>
/// The cluster's handle on one device of this silo. Every call is short: what it stands for lives in <see cref="DeviceWorker"/>.
/// </summary>
[WorkerPlacement, KeepAlive, Reentrant, Immovable]
internal sealed class ModelWorkerGrain(LocalWorkers workers, ModelHost models) : Grain, IModelWorkerGrain
{
    private DeviceWorker? _worker;

    private DeviceWorker Worker => _worker ??= workers.Find(WorkerId.Parse(this.GetPrimaryKeyString()))
        ?? throw new BeamlineException(BeamlineErrorCode.NoWorker, $"This silo has no device {this.GetPrimaryKeyString()}.");

    public ValueTask<SubmitAnswer> SubmitAsync(SearchTicket ticket, bool mayWait, CancellationToken cancellationToken) =>
        new(Worker.Submit(ticket, mayWait));

    public ValueTask<SearchReading> ReadAsync(SearchId search, string model, long epoch, long from, CancellationToken cancellationToken) =>
        Worker.ReadAsync(search, model, epoch, from, cancellationToken);

    public ValueTask ForgetAsync(SearchId search)
    {
        Worker.Forget(search);
        return ValueTask.CompletedTask;
    }

    public ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        Worker.Drain();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ModelAnswer> LoadModelAsync(string model, CancellationToken cancellationToken) =>
        new(models.LoadAsync(Worker, model, cancellationToken));

    public ValueTask<ModelAnswer> UnloadModelAsync(string model, CancellationToken cancellationToken) =>
        new(models.UnloadAsync(Worker, model, cancellationToken));

    public ValueTask<WorkerDescription> DescribeAsync() => new(Worker.Describe());
}
