using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Outputs;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Outputs;

/// <summary>
/// Any number of readers, from any positions: each is woken by news of its own and by nothing else. The clock stands until it is moved,
/// and waits are longer than any test, so that an empty reading is one that nobody had a reason for.
/// </summary>
public sealed class SearchOutputTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly SearchOutcome Done = new([], null, Retryable: false, 0, 0);

    private readonly ManualClock _clock = new();
    private readonly SearchOutput _output;

    public SearchOutputTests() => _output = new(Tickets.Greedy([1], 1), new EventChunkPool(), _clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public async Task ReadersAtOnce_EachReadsOncePerDelivery_AndNeverInVain(int readers)
    {
        const int steps = 100;
        int reads = 0, empty = 0;
        SemaphoreSlim arrived = new(0);
        Task<int[]>[] running = [.. Enumerable.Range(0, readers).Select(_ => Task.Run(ReadAllAsync, Cancel))];
        for (int step = 0; step < steps; step++)
        {
            Append(step);
            _clock.Advance(Interval);
            Deliver();
            for (int i = 0; i < readers; i++) await arrived.WaitAsync(Cancel);
        }
        _output.TryComplete(Done);

        foreach (int[] tokens in await Task.WhenAll(running)) tokens.ShouldBe(Enumerable.Range(0, steps));
        empty.ShouldBe(0);
        reads.ShouldBe(readers * (steps + 1));

        async Task<int[]> ReadAllAsync()
        {
            List<int> tokens = [];
            while (true)
            {
                SearchReading reading = await ReadAsync(tokens.Count);
                Interlocked.Increment(ref reads);
                tokens.AddRange(reading.Events.Select(change => change.Token));
                if (reading.Outcome is not null) return [.. tokens];
                if (reading.Events.IsEmpty) Interlocked.Increment(ref empty);
                arrived.Release();
            }
        }
    }

    [Fact]
    public async Task ReaderThatComes_DoesNotWakeThoseWhoWait()
    {
        Task<SearchReading>[] waiting = [ReadAsync(0), ReadAsync(0), ReadAsync(0)];
        waiting.ShouldAllBe(reading => !reading.IsCompleted);

        Append(0, 1);
        Deliver();

        foreach (SearchReading reading in await Task.WhenAll(waiting)) TokensOf(reading).ShouldBe([0, 1]);
    }

    [Fact]
    public async Task ReaderCancelled_OthersGoOn_AndItMayComeBack()
    {
        Append(0);
        using CancellationTokenSource leaving = new();
        Task<SearchReading> first = ReadAsync(1), leaver = ReadAsync(1, leaving.Token), last = ReadAsync(1);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leaver);
        first.IsCompleted.ShouldBeFalse();
        last.IsCompleted.ShouldBeFalse();
        Task<SearchReading> again = ReadAsync(1);

        Append(1);
        _clock.Advance(Interval);
        Deliver();

        foreach (SearchReading reading in await Task.WhenAll(first, last, again)) TokensOf(reading).ShouldBe([1]);
    }

    [Fact]
    public async Task SlowFastAndLateReader_EachHasAll_FromItsOwnPosition()
    {
        List<int> fast = [];
        for (int token = 0; token < 400; token++)
        {
            Append(token);
            _clock.Advance(Interval);
            fast.AddRange(TokensOf(await ReadAsync(fast.Count)));
        }
        int[] all = [.. Enumerable.Range(0, 400)];
        fast.ShouldBe(all);

        TokensOf(await ReadAsync(0)).ShouldBe(all, "one who begins late is not held up by what others have just read");
        _clock.Advance(Interval);
        TokensOf(await ReadAsync(127)).ShouldBe(all[127..]);
        _clock.Advance(Interval);
        TokensOf(await ReadAsync(128)).ShouldBe(all[128..]);
        Task<SearchReading> waits = ReadAsync(400);
        _output.TryComplete(Done);
        SearchReading end = await waits;
        end.Outcome.ShouldBe(Done);
        end.Events.ShouldBeEmpty();
        TokensOf(await ReadAsync(399)).ShouldBe([399]);
    }

    [Fact]
    public async Task NewsBeforeTheInterval_WaitForIt()
    {
        Append(0);
        TokensOf(await ReadAsync(0)).ShouldBe([0]);
        Task<SearchReading> next = ReadAsync(1);

        Append(1);
        _clock.Advance(Interval - TimeSpan.FromTicks(1));
        Deliver();
        next.IsCompleted.ShouldBeFalse();

        Append(2);
        _clock.Advance(TimeSpan.FromTicks(1));
        Deliver();
        TokensOf(await next).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task ReaderThatWaits_IsNotHeldUpByDeliveriesToOthers()
    {
        Append(0);
        TokensOf(await ReadAsync(0)).ShouldBe([0]);
        Task<SearchReading> waits = ReadAsync(1);
        _clock.Advance(Interval);
        Append(1);
        TokensOf(await ReadAsync(0)).ShouldBe([0, 1]);     // another one, just now

        Deliver();

        TokensOf(await waits).ShouldBe([1]);
    }

    [Fact]
    public async Task NewsThatWaitForTheirTime_ComeWithoutAnotherStep()
    {
        SearchOutput output = new(Tickets.Greedy([1], 1), new EventChunkPool(), TimeProvider.System);
        long interval = TimeProvider.System.TimestampFrequency / 50;
        output.Append([Event(0)], []);
        await output.ReadAsync(0, interval, Limit, Cancel);
        output.Append([Event(1)], []);

        TokensOf(await output.ReadAsync(1, interval, Limit, Cancel)).ShouldBe([1]);
    }

    [Fact]
    public async Task EmptyReading_DoesNotHoldUpTheFirstNews()
    {
        Append(0);
        TokensOf(await ReadAsync(0)).ShouldBe([0]);
        _clock.Advance(Interval);
        (await _output.ReadAsync(1, Interval.Ticks, TimeSpan.FromMilliseconds(1), Cancel)).Events.ShouldBeEmpty();

        Append(1);

        TokensOf(await ReadAsync(1)).ShouldBe([1]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public async Task PositionThatIsNotThere_IsRefusedAtOnce(int from)
    {
        Append(0);

        await Should.ThrowAsync<ArgumentOutOfRangeException>(ReadAsync(from));
    }

    [Fact]
    public async Task Logprobs_GoWithTheirEvents_AcrossChunks()
    {
        TokenLogprobs[] logprobs = [.. Enumerable.Range(0, 300).Select(id => new TokenLogprobs(id, 0, 0, [], []))];
        for (int i = 0; i < 300; i += 3)
        {
            _output.Append([.. Enumerable.Range(i, 3).Select(Event)], logprobs.AsSpan(i, 3));
        }

        foreach (int from in (int[])[0, 1, 127, 128, 129, 299, 300])
        {
            _clock.Advance(Interval);
            SearchReading reading = await _output.ReadAsync(from, Interval.Ticks, TimeSpan.Zero, Cancel);
            reading.Logprobs.ShouldBe(logprobs[from..]);
            TokensOf(reading).ShouldBe(reading.Logprobs.Select(entry => entry.Id));
        }
    }

    [Fact]
    public async Task Forgotten_IsSaidSo()
    {
        Append(0);
        _output.TryComplete(Done);
        _output.Forget();

        (await Should.ThrowAsync<BeamlineException>(ReadAsync(0))).Error.Code.ShouldBe(BeamlineErrorCode.RequestNotFound);
    }

    /// <summary>
    /// Searches come and go over one pool while readers stand in their chunks: whatever a reader gets is of the search that it reads.
    /// </summary>
    [Fact]
    public async Task AppendReadAndForgetAtOnce_NobodySeesAnotherSearch()
    {
        const int searches = 1000, events = 3 * EventChunk.Size, readers = 2;
        EventChunkPool pool = new();
        int seen = 0;
        ParallelOptions together = new() { MaxDegreeOfParallelism = 4, CancellationToken = Cancel };
        // On a busy machine readers may all come too late; then again, until some stood in the chunks.
        do await Parallel.ForAsync(0, searches, together, OneAsync);
        while (seen == 0);

        async ValueTask OneAsync(int number, CancellationToken cancellationToken)
        {
            SearchOutput output = new(Tickets.Greedy([1], 1), pool, TimeProvider.System);
            using Barrier start = new(readers + 1);
            Task[] reading = [.. Enumerable.Range(0, readers).Select(_ => Task.Factory.StartNew(
                () => ReadAll(output, number, start), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            SearchEvent[] step = [.. Enumerable.Repeat(Event(number), 16)];
            for (int i = 0; i < events; i += step.Length) output.Append(step, []);
            start.SignalAndWait(cancellationToken);
            output.TryComplete(Done);
            output.Append(step, []);        // the engine comes back from a pass that was given up
            output.Forget();
            output.Append(step, []);
            await Task.WhenAll(reading);
        }

        void ReadAll(SearchOutput output, int number, Barrier start)
        {
            start.SignalAndWait(Cancel);
            try
            {
                while (true)
                {
                    SearchReading reading = output.ReadAsync(0, 0, TimeSpan.Zero, Cancel).AsTask().GetAwaiter().GetResult();
                    reading.Events.Length.ShouldBe(events);
                    TokensOf(reading).AsSpan().IndexOfAnyExcept(number).ShouldBe(-1);
                    Interlocked.Increment(ref seen);
                }
            }
            catch (BeamlineException e) when (e.Error.Code == BeamlineErrorCode.RequestNotFound)
            {
                // Forgotten, as it should be.
            }
        }
    }

    private static SearchEvent Event(int token) => new(SearchEventKind.Live, SearchEndReason.None, 1, 0, 0, token, 0);

    private static int[] TokensOf(SearchReading reading) => [.. reading.Events.Select(change => change.Token)];

    private void Append(params ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens) _output.Append([Event(token)], []);
    }

    private void Deliver() => _output.Deliver(_clock.GetTimestamp(), Interval.Ticks);

    private Task<SearchReading> ReadAsync(int from, CancellationToken? cancellationToken = null) =>
        _output.ReadAsync(from, Interval.Ticks, Limit, cancellationToken ?? Cancel).AsTask();
}
