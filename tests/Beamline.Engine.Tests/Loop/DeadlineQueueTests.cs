using Beamline.Abstractions.Searches;
using Beamline.Engine.Loop;
using Beamline.Engine.Outputs;
using Beamline.Engine.Searches;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Loop;

public sealed class DeadlineQueueTests
{
    private static readonly EventChunkPool Chunks = new();
    private readonly ManualClock _clock = new();
    private readonly DeadlineQueue _queue = new();

    [Fact]
    public void SearchesWhoseTimeIsOver_ComeOnceInTheOrderOfTheirTimes_ThoseThatEndedDoNot()
    {
        EngineSearch late = Add(minutes: 3), early = Add(minutes: 1), ended = Add(minutes: 2);
        Add(minutes: null);
        _queue.Remove(ended);
        _queue.TryTakeDue(_clock, out _).ShouldBeFalse();

        _clock.Advance(TimeSpan.FromMinutes(5));

        _queue.TryTakeDue(_clock, out EngineSearch? first).ShouldBeTrue();
        first.ShouldBe(early);
        _queue.TryTakeDue(_clock, out EngineSearch? second).ShouldBeTrue();
        second.ShouldBe(late);
        _queue.TryTakeDue(_clock, out _).ShouldBeFalse();
    }

    [Fact]
    public void ALookWhileNobodysTimeIsOver_AllocatesNothing_HoweverManyWait()
    {
        for (int i = 0; i < 1000; i++) Add(minutes: 1 + i);
        _queue.TryTakeDue(_clock, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) _queue.TryTakeDue(_clock, out _);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private EngineSearch Add(int? minutes)
    {
        SearchTicket ticket = Tickets.Greedy([1], 3) with
        {
            Deadline = minutes is { } count ? _clock.GetUtcNow().AddMinutes(count) : null,
        };
        EngineSearch search = new(ticket, 0, new SearchOutput(ticket, Chunks, TimeProvider.System));
        _queue.Add(search);
        return search;
    }
}
