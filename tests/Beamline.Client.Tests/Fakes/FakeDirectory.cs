using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;

namespace Beamline.Client.Tests.Fakes;

/// <summary>A directory that knows what a test told it, and fails as often as the test says.</summary>
internal sealed class FakeDirectory : IWorkerDirectoryGrain
{
    public ImmutableArray<WorkerDescription> Workers { get; set; } = [];

    public Queue<Exception> Failures { get; } = new();

    public ValueTask AnnounceAsync(WorkerDescription worker) => throw new NotSupportedException();

    public ValueTask WithdrawAsync(WorkerId worker, long epoch) => throw new NotSupportedException();

    public ValueTask<ImmutableArray<WorkerDescription>> GetWorkersAsync() =>
        Failures.TryDequeue(out Exception? failure) ? ValueTask.FromException<ImmutableArray<WorkerDescription>>(failure) : new(Workers);
}
