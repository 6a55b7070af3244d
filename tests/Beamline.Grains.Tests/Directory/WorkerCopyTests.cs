using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Tests.Doubles;

namespace Beamline.Grains.Tests.Directory;

/// <summary>A copy is old: what was sent since is counted on top of it, for as long as the worker may not have said so itself.</summary>
public sealed class WorkerCopyTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly WorkerDescription
        A = Announcements.Idle("a") with { Loads = [new("tales", 4, 4, 0, 0, 100, [])] },
        B = Announcements.Idle("b") with { Loads = [new("tales", 4, 4, 0, 0, 100, [])] };

    private readonly WorkerCopy _copy = new();

    public WorkerCopyTests() => _copy.Replace([A, B], Start);

    [Fact]
    public void ASearch_TakesRows_AsLongAsThereIsRoom_ThenWaits()
    {
        Send(A, rows: 3, tokens: 50);
        LoadOf(A).ShouldBe((1, 0, 0));
        Send(A, rows: 2, tokens: 60);
        LoadOf(A).ShouldBe((1, 1, 60));
        Send(A, rows: 1, tokens: 70);       // behind the one that waits
        LoadOf(A).ShouldBe((1, 2, 130));
        LoadOf(B).ShouldBe((4, 0, 0));
    }

    [Fact]
    public void ANewerCopy_StillLacksWhatWasSentJustNow()
    {
        Send(A, rows: 3, tokens: 50);
        _copy.Replace([A, B], Start + WorkerCopy.ChargeLife - TimeSpan.FromTicks(1));
        LoadOf(A).ShouldBe((1, 0, 0));
    }

    [Fact]
    public void ANewerCopy_HasWhatWasSentLongAgo()
    {
        Send(A, rows: 3, tokens: 50);
        _copy.Replace([A, B], Start + WorkerCopy.ChargeLife);
        LoadOf(A).ShouldBe((4, 0, 0));
    }

    [Fact]
    public void NewsFromTheWorkerItself_HasEverythingOfIt_AndNothingOfOthers()
    {
        Send(A, rows: 3, tokens: 50);
        Send(B, rows: 1, tokens: 50);
        _copy.Update(A with { Epoch = 7 });
        (_copy.Workers[0].Epoch, LoadOf(A), LoadOf(B)).ShouldBe((7, (4, 0, 0), (3, 0, 0)));
        _copy.Replace([A, B], Start);
        (LoadOf(A), LoadOf(B)).ShouldBe(((4, 0, 0), (3, 0, 0)));
    }

    [Fact]
    public void AWorkerThatWasNotThere_IsAdded()
    {
        _copy.Replace([A], Start);
        _copy.Update(B);
        _copy.Workers.Select(worker => worker.Id.Host).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void WhatWasSentToAWorkerThatIsGone_OrForAModelItDoesNotServe_ChangesNothing()
    {
        _copy.Replace([A], Start);
        Send(B, rows: 1, tokens: 1);
        _copy.Add(A.Id, "large", 1, 1, Start);
        LoadOf(A).ShouldBe((4, 0, 0));
        _copy.Replace([A, B], Start);       // it is back before its charge is old
        LoadOf(B).ShouldBe((3, 0, 0));
    }

    [Fact]
    public void AnOlderSilosWorker_WithoutLoads_IsChargedAllTheSame()
    {
        _copy.Replace([Announcements.Idle("a", rows: 4)], Start);
        Send(A, rows: 3, tokens: 50);
        LoadOf(A).ShouldBe((1, 0, 0));
    }

    [Fact]
    public void AWorkerThatCouldNotBeReached_IsLeftOut_WhateverIsStillAnnouncedOfIt_ForAWhile()
    {
        _copy.Lose(A, Start);
        _copy.Workers.ShouldBe([B]);
        _copy.Replace([A, B], Start + WorkerCopy.LossLife - TimeSpan.FromTicks(1));
        _copy.Workers.ShouldBe([B]);
        _copy.Replace([A, B], Start + WorkerCopy.LossLife);
        _copy.Workers.ShouldBe([A, B]);
    }

    [Fact]
    public void ALaterLifeOfAWorkerThatWasLost_IsThereAtOnce()
    {
        _copy.Lose(A, Start);
        WorkerDescription later = A with { Epoch = A.Epoch + 1 };
        _copy.Replace([later, B], Start);
        _copy.Workers.ShouldBe([later, B]);
    }

    [Fact]
    public void NewsFromAWorkerThatWasLost_BringItBack()
    {
        _copy.Lose(A, Start);
        _copy.Update(A);
        _copy.Replace([A, B], Start);
        _copy.Workers.ShouldBe([A, B]);
    }

    private void Send(WorkerDescription worker, int rows, long tokens) => _copy.Add(worker.Id, "tales", rows, tokens, Start);

    private (int FreeRows, int QueuedSearches, long QueuedTokens) LoadOf(WorkerDescription worker)
    {
        ModelLoad load = _copy.Workers.Single(one => one.Id == worker.Id).LoadOf("tales")!;
        return (load.FreeRows, load.QueuedSearches, load.QueuedTokens);
    }
}
