using System.Collections.Immutable;
using Beamline.Abstractions.Updates;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>The runs of <see cref="DisturbedRuns"/> with nothing in their way.</summary>
public sealed class UndisturbedRuns : IAsyncLifetime
{
    private ImmutableArray<List<GenerationUpdate>> _runs;

    public async ValueTask InitializeAsync()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1, _ => [("Workers:Engine:Threads", "1")]);
        _runs = await DisturbedRuns.RunAsync(cluster, DisturbedRuns.NewRequests());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal void ShouldHaveGiven(ImmutableArray<List<GenerationUpdate>> runs)
    {
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i].Select(Requests.Describe).ShouldBe(_runs[i].Select(Requests.Describe));
            runs[i][^1].ShouldBeOfType<Completed>();
        }
    }
}
