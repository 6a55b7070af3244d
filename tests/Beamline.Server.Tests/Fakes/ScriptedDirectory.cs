using System.Collections.Immutable;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;

namespace Beamline.Server.Tests.Fakes;

/// <summary>A directory with one ready worker that serves the models given.</summary>
internal sealed class ScriptedDirectory(params string[] models) : IWorkerDirectoryGrain
{
    public ValueTask AnnounceAsync(WorkerDescription worker) => throw new NotSupportedException();

    public ValueTask WithdrawAsync(WorkerId worker, long epoch) => throw new NotSupportedException();

    public ValueTask<ImmutableArray<WorkerDescription>> GetWorkersAsync() =>
        new([new(new("host", "cpu:0"), 1, WorkerState.Ready, [.. models.Select(ModelOf)], 16, 16, 0, 0, 1, 0, 0, "cpu")]);

    private static ModelDescription ModelOf(string name) => new(name, "gpt2", "fp32", 1000, 1, 1, 8, 64, 512, 0, [0], "ab");
}
