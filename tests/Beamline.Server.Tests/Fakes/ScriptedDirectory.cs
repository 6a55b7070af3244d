using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;

namespace Beamline.Server.Tests.Fakes;

/// <summary>A directory that knows of workers.</summary>
internal sealed class ScriptedDirectory(params ScriptedWorker[] workers) : IWorkerDirectoryGrain
{
    public ValueTask AnnounceAsync(WorkerDescription worker) => throw new NotSupportedException();

    public ValueTask WithdrawAsync(WorkerId worker, long epoch) => throw new NotSupportedException();

    public ValueTask<ImmutableArray<WorkerDescription>> GetWorkersAsync() => new([.. workers.Select(worker => worker.Describe())]);

    public static ModelDescription ModelOf(string name) =>
        new(name, "gpt2", "fp32", 1000, KvLayout.Uniform(1, 1, 8), 64, 512, 0, [0], "ab");
}
