using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Orleans.Concurrency;

namespace Beamline.Grains.Directory;

/// <summary>
/// Keeps announcements in memory: after its silo is lost it starts empty elsewhere and is full again one announcement later.
/// </summary>
[Reentrant, KeepAlive]
internal sealed class WorkerDirectoryGrain(TimeProvider time) : Grain, IWorkerDirectoryGrain
{
    private readonly WorkerRegister _register = new();

    public ValueTask AnnounceAsync(WorkerDescription worker)
    {
        _register.Announce(worker, time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    public ValueTask WithdrawAsync(WorkerId worker, long epoch)
    {
        _register.Withdraw(worker, epoch);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ImmutableArray<WorkerDescription>> GetWorkersAsync() => new(_register.Current(time.GetUtcNow()));
}
