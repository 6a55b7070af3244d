using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Placement;
using Beamline.Grains.Tests.Doubles;

namespace Beamline.Grains.Tests.Placement;

/// <summary>Searches of a model that leaves may move only to where they go on with the same bits.</summary>
public sealed class ModelCoverTests
{
    private static readonly WorkerDescription Leaving = With(Announcements.Idle("a"), rows: 16, kvBytes: 100);

    [Fact]
    public void AnotherWithTheSameRowsAndMemory_Covers() => Covers(With(Announcements.Idle("b"), 16, 100)).ShouldBeTrue();

    [Fact]
    public void Nobody_DoesNot() => Covers().ShouldBeFalse();

    [Theory]
    [InlineData(15, 100)]
    [InlineData(16, 99)]
    public void ANarrowerOne_DoesNot(int rows, long kvBytes) => Covers(With(Announcements.Idle("b"), rows, kvBytes)).ShouldBeFalse();

    [Theory]
    [InlineData(WorkerState.Starting)]
    [InlineData(WorkerState.Draining)]
    [InlineData(WorkerState.Unhealthy)]
    public void OneThatTakesNothing_DoesNot(WorkerState state) =>
        Covers(With(Announcements.Idle("b"), 16, 100) with { State = state }).ShouldBeFalse();

    [Fact]
    public void OneOfOtherNumerics_DoesNot() => Covers(With(Announcements.Idle("b"), 16, 100) with { Fingerprint = "sse" }).ShouldBeFalse();

    [Fact]
    public void OneWithOtherWeightsOfThatName_DoesNot() =>
        Covers(With(Announcements.Idle("b"), 16, 100) with { Models = [Announcements.Model() with { Hash = "other" }] }).ShouldBeFalse();

    [Fact]
    public void OneThatUnloadsItToo_DoesNot() => Covers(Announcements.Idle("b") with { Models = [], Loads = [] }).ShouldBeFalse();

    private static bool Covers(params ImmutableArray<WorkerDescription> others) =>
        ModelCover.Has([Leaving, .. others], Leaving.Id, Leaving.Fingerprint, Announcements.Model(), 16, 100);

    private static WorkerDescription With(WorkerDescription worker, int rows, long kvBytes) =>
        worker with { Loads = [new("tales", rows, rows, 0, 0, 0, []) { KvBytes = kvBytes }] };
}
