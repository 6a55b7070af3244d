using System.Collections.Immutable;
using Beamline.Abstractions.Workers;

namespace Beamline.Abstractions.Grains;

/// <summary>What each worker last announced. One a cluster; its key is <see cref="Key"/>.</summary>
[Alias("Beamline.IWorkerDirectoryGrain")]
public interface IWorkerDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "cluster";

    /// <summary>Replaces what is known of a worker; forgotten when not repeated in time.</summary>
    [Alias("Announce")]
    ValueTask AnnounceAsync(WorkerDescription worker);

    /// <summary>Forgets a worker that leaves.</summary>
    [Alias("Withdraw")]
    ValueTask WithdrawAsync(WorkerId worker, long epoch);

    /// <summary>All workers whose announcement has not expired.</summary>
    [Alias("GetWorkers")]
    ValueTask<ImmutableArray<WorkerDescription>> GetWorkersAsync();
}
