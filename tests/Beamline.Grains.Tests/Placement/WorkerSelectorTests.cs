using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Placement;
using Beamline.Grains.Tests.Doubles;
using CsCheck;

namespace Beamline.Grains.Tests.Placement;

public sealed class WorkerSelectorTests
{
    private static ImmutableArray<string> Rank(
        ImmutableArray<WorkerDescription> workers, int rows = 1, string? fingerprint = null, string? near = null) =>
        [.. WorkerSelector.Rank(workers, "tales", rows, fingerprint, new Random(1), near).Select(worker => worker.Id.Host)];

    [Theory]
    [InlineData(WorkerState.Starting)]
    [InlineData(WorkerState.Draining)]
    [InlineData(WorkerState.Unhealthy)]
    public void WorkerThatIsNotReady_IsLeftOut(WorkerState state) =>
        Rank([Announcements.Idle("a") with { State = state }, Announcements.Idle("b")]).ShouldBe(["b"]);

    [Fact]
    public void WorkerWithoutTheModel_IsLeftOut() =>
        Rank([Announcements.Idle("a") with { Models = [Announcements.Model("other")] }, Announcements.Idle("b")]).ShouldBe(["b"]);

    [Fact]
    public void WorkerTooNarrow_IsLeftOut() =>
        Rank([Announcements.Idle("a", rows: 3), Announcements.Idle("b", rows: 4)], rows: 4).ShouldBe(["b"]);

    [Fact]
    public void FreeRows_ComeBeforeAQueue_AndTheEmptierFirst() =>
        Rank([
            Announcements.Idle("full") with { FreeRows = 0, QueuedSearches = 1, QueuedTokens = 10 },
            Announcements.Idle("half") with { FreeRows = 8 },
            Announcements.Idle("idle"),
        ]).ShouldBe(["idle", "half", "full"]);

    [Fact]
    public void AmongFullOnes_TheShorterWaitByItsOwnRateComesFirst() =>
        Rank([
            Announcements.Idle("slow") with { FreeRows = 0, QueuedTokens = 1000, TokensPerSecond = 10 },
            Announcements.Idle("fast") with { FreeRows = 0, QueuedTokens = 2000, TokensPerSecond = 1000 },
        ]).ShouldBe(["fast", "slow"]);

    [Fact]
    public void FreeRowsBehindAQueue_CountAsAWait()
    {
        WorkerDescription worker = Announcements.Idle("a") with { FreeRows = 2, QueuedSearches = 1, QueuedTokens = 100 };
        WorkerSelector.ExpectedWait(worker.LoadOf("tales")!, rows: 1).ShouldBe(1);
    }

    [Fact]
    public void EqualFingerprint_ComesFirst_EvenWhenFull() =>
        Rank([
            Announcements.Idle("other") with { Fingerprint = "sse" },
            Announcements.Idle("same") with { FreeRows = 0, QueuedTokens = 5 },
        ], fingerprint: "avx").ShouldBe(["same", "other"]);

    [Theory]
    [InlineData(16, "a")]
    [InlineData(14, "a")]
    [InlineData(13, "b")]
    [InlineData(0, "b")]
    public void AmongFreeOnes_TheNearOneComesFirst_UnlessItIsClearlyBusier(int freeRows, string first) =>
        Rank([Announcements.Idle("a") with { FreeRows = freeRows }, Announcements.Idle("b")], near: "a")[0].ShouldBe(first);

    [Theory]
    [InlineData(1000, "a")]
    [InlineData(1250, "a")]
    [InlineData(1300, "b")]
    public void AmongFullOnes_TheNearOneComesFirst_UnlessTheWaitIsMuchLonger(long tokens, string first) =>
        Rank([
            Announcements.Idle("a") with { FreeRows = 0, QueuedTokens = tokens },
            Announcements.Idle("b") with { FreeRows = 0, QueuedTokens = 1000 },
        ], near: "a")[0].ShouldBe(first);

    [Fact]
    public void ANearWorker_DoesNotComeBeforeEqualNumerics() =>
        Rank([Announcements.Idle("a") with { Fingerprint = "sse" }, Announcements.Idle("b")], fingerprint: "avx", near: "a")
            .ShouldBe(["b", "a"]);

    [Fact]
    public void EqualWorkers_AreChosenEvenly()
    {
        ImmutableArray<WorkerDescription> workers = [.. "abcd".Select(name => Announcements.Idle($"{name}"))];
        Random random = new(7);
        Dictionary<string, int> firsts = Enumerable.Range(0, 4000)
            .CountBy(_ => WorkerSelector.Rank(workers, "tales", 1, null, random)[0].Id.Host).ToDictionary();
        firsts.Values.ShouldAllBe(count => count > 800 && count < 1200);
    }

    [Fact]
    public void Ranking_HoldsEachFitWorkerOnce() => Gen.Int.Sample(seed =>
    {
        Random random = new(seed);
        ImmutableArray<WorkerDescription> workers =
        [
            .. Enumerable.Range(0, random.Next(0, 12)).Select(i => Announcements.Idle($"w{i}", random.Next(1, 20)) with
            {
                State = (WorkerState)random.Next(4),
                FreeRows = random.Next(0, 3),
                QueuedTokens = random.Next(0, 100),
                TokensPerSecond = random.Next(0, 2) * 50,
                Fingerprint = random.Next(2) == 0 ? "avx" : "sse",
            }),
        ];
        int rows = random.Next(1, 20);
        ImmutableArray<WorkerDescription> ranked = WorkerSelector.Rank(workers, "tales", rows, "avx", random);
        ranked.ShouldBe(workers.Where(worker => worker.State == WorkerState.Ready && worker.Rows >= rows), ignoreOrder: true);
    }, iter: 500);
}
