using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Placement;
using Beamline.Grains.Tests.Doubles;
using CsCheck;

namespace Beamline.Grains.Tests.Placement;

public sealed class WaitingBalanceTests
{
    private static readonly WorkerId Self = new("self", "cpu:0");

    [Fact]
    public void WithoutALine_NothingMoves() => Plan(Load(queued: 0), 0.99, Other("a", free: 16)).ShouldBe(default);

    [Fact]
    public void Alone_NothingMoves() => Plan(Load(queued: 5), 0.99, Own(Load(queued: 5))).ShouldBe(default);

    [Fact]
    public void TheOnlyOneWithALine_MayFillAllFreeRows_AndNamesTheWidest() =>
        Plan(Load(queued: 5), 0, Other("a", free: 3), Other("b", free: 7)).ShouldBe(new GiveBack(10, 7));

    [Fact]
    public void SeveralWithALine_ShareTheFreeRowsByItsLength() =>
        Plan(Load(queued: 2), 0, Other("a", free: 8), Other("b", free: 0, queued: 6)).ShouldBe(new GiveBack(2, 8));

    [Theory]
    [InlineData(0.0, 2)]
    [InlineData(0.3, 2)]
    [InlineData(0.4, 3)]        // 2 2/3 rows
    [InlineData(0.99, 3)]
    public void APartOfARow_IsDrawn(double draw, int rows) =>
        Plan(Load(queued: 2), draw, Other("a", free: 4), Other("b", free: 0, queued: 1)).Rows.ShouldBe(rows);

    [Fact]
    public void WhoHasALine_OrDrains_OrDoesNotServeTheModel_HasNoRoom() => Plan(
        Load(queued: 4),
        0,
        Other("lined", free: 4, queued: 0) with { Loads = [Load(free: 4, queued: 1)] },
        Other("leaving", free: 16) with { State = WorkerState.Draining },
        Other("other", free: 16) with { Loads = [Load(free: 16) with { Model = "large" }] }).ShouldBe(default);

    [Fact]
    public void WhatItAnnouncedOfItself_DoesNotCount() =>
        Plan(Load(queued: 4), 0, Own(Load(free: 16)), Other("a", free: 2)).ShouldBe(new GiveBack(2, 2));

    // All give back at once by the same copy: together never more than there is room for, by one row each where parts are drawn.
    [Fact]
    public void TheSharesOfAll_AreTheFreeRows() => Gen.Select(Gen.Int[0, 9].Array[1, 6], Gen.Int[0, 16].Array[0, 4]).Sample((lines, free) =>
    {
        ImmutableArray<WorkerDescription> all =
        [
            .. lines.Select((queued, i) => Other($"lined{i}", free: 0, queued)), .. free.Select((rows, i) => Other($"free{i}", rows)),
        ];
        int[] least = Shares(all, 0), most = Shares(all, 0.999);
        int there = free.Sum();
        least.Sum().ShouldBeLessThanOrEqualTo(there);
        if (lines.Sum() > 0) most.Sum().ShouldBeGreaterThanOrEqualTo(there);
        most.Zip(least, (up, down) => up - down).ShouldAllBe(apart => apart == 0 || apart == 1);
    });

    private static int[] Shares(ImmutableArray<WorkerDescription> all, double draw) =>
        [.. all.Select(worker => WaitingBalance.Plan(worker.Id, worker.LoadOf("tales")!, all, draw).Rows)];

    private static GiveBack Plan(ModelLoad own, double draw, params ImmutableArray<WorkerDescription> workers) =>
        WaitingBalance.Plan(Self, own, workers, draw);

    private static WorkerDescription Own(ModelLoad load) => Announcements.Idle("self") with { Loads = [load] };

    private static WorkerDescription Other(string host, int free, int queued = 0) =>
        Announcements.Idle(host) with { Loads = [Load(free, queued)] };

    private static ModelLoad Load(int free = 0, int queued = 0) => new("tales", 16, free, queued, 10 * queued, 100, []);
}
