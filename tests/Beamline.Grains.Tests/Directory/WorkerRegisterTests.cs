using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Tests.Doubles;

namespace Beamline.Grains.Tests.Directory;

public sealed class WorkerRegisterTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly WorkerDescription Worker = Announcements.Idle("a") with { Epoch = 5 };
    private readonly WorkerRegister _register = new();

    [Fact]
    public void Workers_AreListedById()
    {
        _register.Announce(Announcements.Idle("b"), Start);
        _register.Announce(Worker, Start);
        _register.Current(Start).Select(worker => worker.Id.Host).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void LaterAnnouncement_Replaces()
    {
        _register.Announce(Worker, Start);
        _register.Announce(Worker with { FreeRows = 3 }, Start);
        _register.Current(Start).ShouldHaveSingleItem().FreeRows.ShouldBe(3);
    }

    [Fact]
    public void Announcement_ExpiresWhenItIsNotRepeated()
    {
        _register.Announce(Worker, Start);
        _register.Current(Start + WorkerRegister.Expiry - TimeSpan.FromTicks(1)).ShouldHaveSingleItem();
        _register.Current(Start + WorkerRegister.Expiry).ShouldBeEmpty();
    }

    [Fact]
    public void RepeatedAnnouncement_LivesOn()
    {
        _register.Announce(Worker, Start);
        _register.Announce(Worker, Start + TimeSpan.FromSeconds(4));
        _register.Current(Start + TimeSpan.FromSeconds(8)).ShouldHaveSingleItem();
    }

    [Fact]
    public void OlderEpoch_IsRefused_AsLongAsTheLaterOneIsAlive()
    {
        _register.Announce(Worker, Start);
        _register.Announce(Worker with { Epoch = 4 }, Start + TimeSpan.FromSeconds(1));
        _register.Current(Start).ShouldHaveSingleItem().Epoch.ShouldBe(5);
        // A clock that was set back gives a lower epoch: it counts once the other has expired.
        _register.Announce(Worker with { Epoch = 4 }, Start + WorkerRegister.Expiry);
        _register.Current(Start + WorkerRegister.Expiry).ShouldHaveSingleItem().Epoch.ShouldBe(4);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 0)]
    [InlineData(4, 1)]
    public void Withdrawal_DoesNotTouchALaterEpoch(long epoch, int left)
    {
        _register.Announce(Worker, Start);
        _register.Withdraw(Worker.Id, epoch);
        _register.Current(Start).Length.ShouldBe(left);
    }

    [Fact]
    public void WithdrawalOfAStranger_ChangesNothing()
    {
        _register.Withdraw(Worker.Id, 9);
        _register.Current(Start).ShouldBeEmpty();
    }
}
