using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>Announcements of workers that are only described.</summary>
internal static class Announcements
{
    public static ModelDescription Model(string name = "tales") =>
        new(name, "gpt2", "fp32", 1, KvLayout.Uniform(1, 1, 8), Tales.VocabularySize, 512, 0, [0], "hash");

    public static WorkerDescription Idle(string host, int rows = 16) =>
        new(new(host, "cpu:0"), 1, WorkerState.Ready, [Model()], rows, rows, 0, 0, 1 << 20, 0, 100, "avx");
}
