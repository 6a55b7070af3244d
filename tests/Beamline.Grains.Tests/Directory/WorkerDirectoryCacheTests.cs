using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Grains.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Beamline.Grains.Tests.Directory;

public sealed class WorkerDirectoryCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeCluster _cluster = new();
    private readonly WorkerDirectoryCache _cache;

    public WorkerDirectoryCacheTests() => _cache = new(_cluster.Grains, _time, NullLogger<WorkerDirectoryCache>.Instance);

    [Fact]
    public async Task Copy_ServesUntilItIsTooOld()
    {
        _cluster.Announce(Announcements.Idle("a"));
        (await _cache.GetAsync()).ShouldHaveSingleItem();
        _cluster.Announce(Announcements.Idle("b"));
        _time.Advance(WorkerDirectoryCache.MaxAge);
        (await _cache.GetAsync()).ShouldHaveSingleItem();
        _time.Advance(TimeSpan.FromTicks(1));
        (await _cache.GetAsync()).Length.ShouldBe(2);
    }

    [Fact]
    public async Task EmptyCopy_IsFetchedEachTime()
    {
        (await _cache.GetAsync()).ShouldBeEmpty();
        _cluster.Announce(Announcements.Idle("a"));
        (await _cache.GetAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task CallersAtOnce_ShareOneFetch()
    {
        TaskCompletionSource<ImmutableArray<WorkerDescription>> answer = new();
        _cluster.Directory.Answers.Enqueue(() => answer.Task);
        Task<ImmutableArray<WorkerDescription>> one = _cache.GetAsync().AsTask(), other = _cache.GetAsync().AsTask();
        answer.SetResult([Announcements.Idle("a")]);
        (await one).ShouldBe(await other);
        _cluster.Directory.Calls.ShouldBe(1);
    }

    [Fact]
    public async Task DirectoryLost_OldCopyServes_UntilItIsBack()
    {
        _cluster.Announce(Announcements.Idle("a"));
        await _cache.GetAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        _cluster.Directory.Answers.Enqueue(() => throw new TimeoutException("lost"));
        _cluster.Directory.Workers = [Announcements.Idle("b")];
        (await _cache.GetAsync()).ShouldHaveSingleItem().Id.Host.ShouldBe("a");
        (await _cache.GetAsync()).ShouldHaveSingleItem().Id.Host.ShouldBe("b");
    }

    [Fact]
    public async Task DirectoryThatHangs_IsWaitedForABoundedTime()
    {
        _cluster.Announce(Announcements.Idle("a"));
        await _cache.GetAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        _cluster.Directory.Answers.Enqueue(() => new TaskCompletionSource<ImmutableArray<WorkerDescription>>().Task);
        Task<ImmutableArray<WorkerDescription>> waiting = _cache.GetAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        _time.Advance(WorkerDirectoryCache.FetchLimit);
        (await waiting).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Charge_TakesRows_ThenLengthensTheQueue_UntilTheNextFetch()
    {
        WorkerDescription worker = Announcements.Idle("a", rows: 4);
        _cluster.Announce(worker);
        await _cache.GetAsync();
        _cache.Charge(worker.Id, "tales", rows: 3, tokens: 30);
        _cache.Charge(worker.Id, "tales", rows: 2, tokens: 20);
        ModelLoad charged = (await _cache.GetAsync()).ShouldHaveSingleItem().LoadOf("tales").ShouldNotBeNull();
        (charged.FreeRows, charged.QueuedSearches, charged.QueuedTokens).ShouldBe((1, 1, 20));
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _cache.GetAsync()).ShouldHaveSingleItem().ShouldBe(worker);
    }

    [Fact]
    public async Task News_ReplacesWhatIsKnown_UntilTheNextFetch()
    {
        _cluster.Announce(Announcements.Idle("a"));
        await _cache.GetAsync();
        _cache.Update(Announcements.Idle("a") with { FreeRows = 7 });
        (await _cache.GetAsync()).ShouldHaveSingleItem().FreeRows.ShouldBe(7);
    }
}
