using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Tests.Doubles;
using Beamline.Grains.Workers;
using Microsoft.Extensions.Time.Testing;

namespace Beamline.Grains.Tests.Workers;

/// <summary>News at once, nothing new now and then.</summary>
public sealed class AnnouncementPaceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly ModelLoad Load = new("tales", 16, 16, 0, 0, 100, []);
    private static readonly WorkerDescription Worker = Announcements.Idle("a") with { Loads = [Load] };
    private readonly FakeTimeProvider _time = new();
    private readonly AnnouncementPace _pace;

    public AnnouncementPaceTests() => _pace = new(Interval, _time);

    public static TheoryData<string, WorkerDescription> News => new()
    {
        { "state", Worker with { State = WorkerState.Draining } },
        { "epoch", Worker with { Epoch = Worker.Epoch + 1 } },
        { "free rows", Worker with { Loads = [Load with { FreeRows = 15 }] } },
        { "waiting", Worker with { Loads = [Load with { QueuedSearches = 1 }] } },
        { "another model", Worker with { Loads = [Load, Load with { Model = "large" }] } },
        { "a model's state", Worker with { Statuses = [new("large", ModelState.Loading)] } },
        { "a model's problem", Worker with
        {
            Statuses = [new("large", ModelState.Failed, BeamlineError.Of(BeamlineErrorCode.NoRoom, "no room"))],
        } },
    };

    [Fact]
    public void TheFirst_IsTold() => _pace.TryTake(Worker).ShouldBeTrue();

    [Theory]
    [MemberData(nameof(News))]
    public void AChange_IsToldAtOnce_AndOnce(string what, WorkerDescription changed)
    {
        _pace.TryTake(Worker);
        _pace.TryTake(changed).ShouldBeTrue(what);
        _pace.TryTake(changed).ShouldBeFalse(what);
    }

    [Fact]
    public void TheRateAlone_IsNoNews()
    {
        _pace.TryTake(Worker);
        _pace.TryTake(Worker with { TokensPerSecond = 9, Loads = [Load with { TokensPerSecond = 9 }] }).ShouldBeFalse();
    }

    [Fact]
    public void WithoutNews_ItIsToldAgainAfterTheInterval_CountedFromTheLastTime()
    {
        _pace.TryTake(Worker);
        _time.Advance(Interval / 2);
        _pace.TryTake(Worker with { Epoch = 2 }).ShouldBeTrue();
        _time.Advance(Interval - TimeSpan.FromTicks(1));
        _pace.TryTake(Worker with { Epoch = 2 }).ShouldBeFalse();
        _time.Advance(TimeSpan.FromTicks(1));
        _pace.TryTake(Worker with { Epoch = 2 }).ShouldBeTrue();
        _pace.TryTake(Worker with { Epoch = 2 }).ShouldBeFalse();
    }
}
