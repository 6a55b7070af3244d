using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>A directory that answers what a test says.</summary>
internal sealed class FakeDirectory : IWorkerDirectoryGrain
{
    public ImmutableArray<WorkerDescription> Workers { get; set; } = [];

    /// <summary>Answers instead of <see cref="Workers"/>, one a call.</summary>
    public Queue<Func<Task<ImmutableArray<WorkerDescription>>>> Answers { get; } = new();

    public int Calls { get; private set; }

    public ValueTask AnnounceAsync(WorkerDescription worker) => throw new NotSupportedException();

    public ValueTask WithdrawAsync(WorkerId worker, long epoch) => throw new NotSupportedException();

    public ValueTask<ImmutableArray<WorkerDescription>> GetWorkersAsync()
    {
        Calls++;
        return Answers.TryDequeue(out Func<Task<ImmutableArray<WorkerDescription>>>? answer) ? new(answer()) : new(Workers);
    }
}
