using System.Collections.Immutable;
using System.Reflection;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Sequences;
using Beamline.Grains.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;

namespace Beamline.Grains.Tests.Directory;

public sealed class ServedModelsTests
{
    private readonly SteppingClock _clock = new();
    private readonly FakeCluster _cluster = new();
    private readonly ServedModels _served;

    public ServedModelsTests()
    {
        WorkerDirectoryCache copy = new(_cluster.Grains, _clock, NullLogger<WorkerDirectoryCache>.Instance);
        _served = new ServedModels(copy, new SequenceOptions().StartWait, _clock);
    }

    [Theory]
    [InlineData(null, "tales")]
    [InlineData("tales", "tales")]
    [InlineData("org/large", "org/large")]
    public async Task AnnouncedModel_IsFoundWithTheRowsOfTheWidestWorker(string? name, string expected)
    {
        _cluster.Directory.Workers =
        [
            Serving("a", "tales", "org/large"),
            Serving("b", "tales", "org/large") with { Rows = 32 },
            Serving("c", "other") with { Rows = 64 },
        ];

        ServedModel found = await FindAsync(name);

        found.Description.ShouldBe(Announcements.Model(expected) with { StopIds = found.Description.StopIds });
        found.Rows.ShouldBe(32);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("../tales")]
    [InlineData("Tales")]
    [InlineData("")]
    public async Task NameThatNoWorkerAnnounces_IsRefusedAtOnceNamingWhatIsServed(string name)
    {
        _cluster.Directory.Workers = [Serving("a", "tales"), Serving("b", "large", "tales")];

        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(FindAsync(name))).Error;

        error.Code.ShouldBe(BeamlineErrorCode.ModelNotFound);
        error.Message.ShouldBe($"There is no model '{name}'; served: large, tales.");
        error.RetryAfter.ShouldBeNull();
        _cluster.Directory.Calls.ShouldBe(1);
    }

    [Fact]
    public async Task VeryLongName_IsShortenedInTheRefusal()
    {
        _cluster.Directory.Workers = [Serving("a", "tales")];
        (await Should.ThrowAsync<BeamlineException>(FindAsync(new string('x', 1_000_000)))).Message.Length.ShouldBeLessThan(200);
    }

    [Fact]
    public async Task NoWorkerYet_WaitsForTheFirst()
    {
        for (int i = 0; i < 4; i++) _cluster.Directory.Answers.Enqueue(() => Task.FromResult<ImmutableArray<WorkerDescription>>([]));
        _cluster.Directory.Workers = [Serving("a", "tales")];
        (await FindAsync("tales")).Description.Name.ShouldBe("tales");
        _cluster.Directory.Calls.ShouldBe(5);
    }

    [Fact]
    public async Task NeverAWorker_GivesUpAfterTheWait()
    {
        DateTimeOffset start = _clock.GetUtcNow();
        (await Should.ThrowAsync<BeamlineException>(FindAsync("tales"))).Error.Code.ShouldBe(BeamlineErrorCode.NoWorker);
        (_clock.GetUtcNow() - start).ShouldBeInRange(new SequenceOptions().WorkerWait, new SequenceOptions().WorkerWait * 2);
    }

    [Fact]
    public void WaitsOfAStart_AreShorterThanTheCallsThatStart()
    {
        SequenceOptions longest = new() { WorkerWait = TimeSpan.FromMinutes(10) }, none = new() { WorkerWait = TimeSpan.Zero };
        none.StartWait.ShouldBe(TimeSpan.Zero);
        longest.StartWait.ShouldBeLessThan(LimitOf(typeof(IBeamGrain), nameof(IBeamGrain.StartAsync)));
        (2 * longest.StartWait).ShouldBeLessThan(LimitOf(typeof(ISequenceGrain), nameof(ISequenceGrain.StartAsync)));

        static TimeSpan LimitOf(Type grain, string method) =>
            grain.GetMethod(method)!.GetCustomAttribute<ResponseTimeoutAttribute>()!.Timeout!.Value;
    }

    [Fact]
    public async Task DirectoryStartsAnew_AServedModelIsWaitedForUntilItsWorkerIsHeardOfAgain()
    {
        _cluster.Directory.Workers = [Serving("a", "tales"), Serving("b", "large")];
        await FindAsync("large");
        _clock.Advance(TimeSpan.FromMinutes(1));
        for (int i = 0; i < 3; i++)
        {
            _cluster.Directory.Answers.Enqueue(() => Task.FromResult<ImmutableArray<WorkerDescription>>([Serving("a", "tales")]));
        }

        (await FindAsync("large")).Description.Name.ShouldBe("large");
    }

    [Fact]
    public async Task ModelUnloaded_ByAWorkerThatIsHeardOf_IsRefusedAtOnce()
    {
        _cluster.Directory.Workers = [Serving("a", "tales", "large")];
        await FindAsync("large");
        _clock.Advance(TimeSpan.FromMinutes(1));
        _cluster.Directory.Workers = [Serving("a", "tales")];
        DateTimeOffset start = _clock.GetUtcNow();

        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(FindAsync("large"))).Error;

        (error.Code, error.Message).ShouldBe((BeamlineErrorCode.ModelNotFound, "There is no model 'large'; served: tales."));
        _clock.GetUtcNow().ShouldBe(start);
    }

    [Fact]
    public async Task RequestWithoutAModel_TakesTheOnlyOne()
    {
        _cluster.Directory.Workers = [Serving("a", "large"), Serving("b", "large")];
        (await FindAsync(null)).Description.Name.ShouldBe("large");
    }

    [Fact]
    public async Task RequestWithoutAModel_WhereSeveralAreServed_HearsWhich()
    {
        _cluster.Directory.Workers = [Serving("a", "small"), Serving("b", "large")];
        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(FindAsync(null))).Error;
        (error.Code, error.Message).ShouldBe(
            (BeamlineErrorCode.InvalidRequest, "model is not given; allowed: one of large, small"));
    }

    [Fact]
    public async Task RowsAreThoseOfTheModel_NotOfItsWorker()
    {
        WorkerDescription worker = Serving("a", "tales", "large") with { Rows = 32 };
        _cluster.Directory.Workers =
            [worker with { Loads = [new("tales", 32, 32, 0, 0, 0, []), new("large", 4, 4, 0, 0, 0, [])] }];
        (await FindAsync("large")).Rows.ShouldBe(4);
    }

    [Fact]
    public async Task ModelLeavesWithItsWorker_IsRefusedAfterTheTimeOfAnAnnouncementAndThenAtOnce()
    {
        _cluster.Directory.Workers = [Serving("a", "tales"), Serving("b", "large")];
        await FindAsync("large");
        _clock.Advance(TimeSpan.FromMinutes(1));
        _cluster.Directory.Workers = [Serving("a", "tales")];

        DateTimeOffset start = _clock.GetUtcNow();
        (await Should.ThrowAsync<BeamlineException>(FindAsync("large"))).Error.Code.ShouldBe(BeamlineErrorCode.ModelNotFound);
        (_clock.GetUtcNow() - start).ShouldBeInRange(WorkerRegister.Expiry, WorkerRegister.Expiry * 2);
        DateTimeOffset again = _clock.GetUtcNow();
        (await Should.ThrowAsync<BeamlineException>(FindAsync("large"))).Error.Code.ShouldBe(BeamlineErrorCode.ModelNotFound);
        _clock.GetUtcNow().ShouldBe(again);
    }

    private static WorkerDescription Serving(string host, params string[] models) =>
        Announcements.Idle(host) with { Models = [.. models.Select(Announcements.Model)] };

    private Task<ServedModel> FindAsync(string? name) => _served.FindAsync(name, TestContext.Current.CancellationToken);
}
