using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Backends;
using Beamline.Engine.Configuration;
using Beamline.Engine.Reporting;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests.Faults;

/// <summary>One fault a test: whose it is, who pays, and what comes back by itself.</summary>
public sealed class RecoveryTests
{
    private const int Poison = HashModel.Vocabulary - 1;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualClock _clock = new();
    private volatile bool _passesFail;
    private volatile bool _opensFail;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SearchWhoseInputFailsEveryPass_Alone_EndsNotRetryable_NothingCounts(bool inPrompt)
    {
        HashModel model = new(FailOnPoison);
        using InferenceEngine engine = Open(model);
        for (int i = 0; i < 20; i++)
        {
            SearchOutcome outcome = await engine.RunAsync(Poisoned(i, inPrompt));
            outcome.Error!.Code.ShouldBe(BeamlineErrorCode.Internal);
            outcome.Retryable.ShouldBeFalse();
        }
        engine.State.ShouldBe(EngineState.Running);
        engine.IsBeyondRecovery.ShouldBeFalse();
        model.Opened.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SearchWhoseInputFailsEveryPass_AmongOthers_EndsAlone_OthersFindWhatTheyFindAlone(bool inPrompt)
    {
        Gate gate = new(afterPasses: 1);
        HashModel model = new(pass =>
        {
            gate.Pass(pass);
            FailOnPoison(pass);
        });
        using InferenceEngine engine = Open(model);
        SearchTicket[] others = [Sound([1, 2], 20), Sound([3, 4, 5], 15), Sound([6], 10), Sound([7, 8], 5)];
        Task<SearchOutcome>[] sound = [.. others.Select(engine.RunAsync)];
        await gate.Reached;
        Task<SearchOutcome>[] poisoned = [.. Enumerable.Range(0, 3).Select(i => engine.RunAsync(Poisoned(i, inPrompt)))];
        gate.Open();

        foreach (SearchOutcome outcome in await Task.WhenAll(poisoned))
        {
            (outcome.Error!.Code, outcome.Retryable).ShouldBe((BeamlineErrorCode.Internal, false));
        }
        for (int i = 0; i < others.Length; i++) Expect.Same(await sound[i], Oracle.Run(others[i], model));
        engine.State.ShouldBe(EngineState.Running);
        model.Opened.ShouldBe(1);
    }

    [Fact]
    public async Task OnePassFailsOnce_NobodyNotices_NoSessionIsOpened()
    {
        for (int failing = 0; failing < 30; failing++)
        {
            int passes = 0;
            HashModel model = new(_ => FailIf(passes++ == failing));
            using InferenceEngine engine = Open(model);
            SearchTicket[] tickets =
            [
                Tickets.Greedy([1, 2, 3], 12),
                Tickets.Of([1, 2, 3, 4], new() { MaxNewTokens = 9, NumBeams = 3 }),
                Tickets.Of([5], new() { MaxNewTokens = 9, DoSample = true, NumReturnSequences = 3 }),
            ];

            SearchOutcome[] outcomes = await Task.WhenAll(tickets.Select(engine.RunAsync));

            for (int i = 0; i < tickets.Length; i++) Expect.Same(outcomes[i], Oracle.Run(tickets[i], model));
            engine.State.ShouldBe(EngineState.Running);
            model.Opened.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData(16, null)]
    [InlineData(2, 2)]      // full: not a block is free for a probe
    public async Task OnlyDecodePassesFail_EverythingIsRetryable_AndTheEngineRecovers(int rows, int? blocks)
    {
        Gate gate = new(afterPasses: 0);
        int failed = 0;
        HashModel model = new(pass =>
        {
            gate.Pass(pass);
            if (pass.IsDecode && _passesFail) failed++;
            FailIf(pass.IsDecode && _passesFail);
        });
        using InferenceEngine engine = Open(model, options =>
        {
            options.Rows = rows;
            options.KvBytes = blocks * HashModel.BlockBytes;
        });
        _passesFail = true;
        Task<SearchOutcome>[] searches = [.. Enumerable.Range(0, 40).Select(i => engine.RunAsync(Tickets.Greedy([1, 2, i % 30], 9)))];
        await gate.Reached;
        gate.Open();

        foreach (SearchOutcome outcome in await Task.WhenAll(searches))
        {
            (outcome.Error?.Code, outcome.Retryable).ShouldBe((BeamlineErrorCode.WorkerLost, true));
        }
        engine.State.ShouldBe(EngineState.Recovering);
        failed.ShouldBeLessThan(3 * rows + 6);
        engine.Submit(Tickets.Greedy([1, 2], 5))!.Code.ShouldBe(BeamlineErrorCode.NoWorker);
        _passesFail = false;
        await ShouldRecoverAsync(engine, model);
    }

    [Fact]
    public async Task PassesAndOpeningFail_TriedAgainWithGrowingPauses_ComesBackByItself()
    {
        List<TimeSpan> tries = [];
        DateTimeOffset start = _clock.GetUtcNow();
        HashModel model = new(_ => FailIf(_passesFail))
        {
            BeforeOpen = () =>
            {
                lock (tries) tries.Add(_clock.GetUtcNow() - start);
                if (_opensFail) throw new InsufficientMemoryException("injected: open");
            },
        };
        using InferenceEngine engine = Open(model);
        _passesFail = _opensFail = true;

        (await engine.RunAsync(Tickets.Greedy([1, 2, 3], 9))).Retryable.ShouldBeTrue();
        await Expect.UntilAsync(() => CountTries() >= 9, () => $"{CountTries()} tries", () => Advance(Second / 10));

        engine.State.ShouldBe(EngineState.Recovering);
        lock (tries)
        {
            // The first is the start, the second the session in place of the one that failed.
            for (int i = 2; i < tries.Count; i++)
            {
                (tries[i] - tries[i - 1]).ShouldBeGreaterThanOrEqualTo(Second * (1 << int.Min(i - 2, 5)), $"try {i}");
            }
        }
        _passesFail = _opensFail = false;
        await ShouldRecoverAsync(engine, model);

        int CountTries()
        {
            lock (tries) return tries.Count;
        }
    }

    [Fact]
    public async Task ReopenedSessionHasLostTheSequences_RunningSearchesAreRetryable_EngineGoesOn()
    {
        int left = 3;       // the pass, the search alone, and the probe
        HashModel model = new(pass => FailIf(_passesFail && pass.IsDecode && left-- > 0))
        {
            Wrap = backend => new EmptyingBackend(backend),
        };
        using InferenceEngine engine = Open(model);
        _passesFail = true;

        (await engine.RunAsync(Tickets.Greedy([1, 2, 3], 9))).Retryable.ShouldBeTrue();

        SearchTicket next = Tickets.Greedy([1, 2, 3], 9);
        Expect.Same(await engine.RunAsync(next), Oracle.Run(next, model));
        engine.State.ShouldBe(EngineState.Running);
        await engine.ShouldShowAsync(load => load is { KvUsedBytes: 0, Counters.Recoveries: 0, Counters.FailedPasses: >= 2 });
    }

    [Fact]
    public async Task EngineThatDoesNotComeBack_IsBeyondRecoveryOnlyAfterTheLimit()
    {
        HashModel model = new(_ => FailIf(_passesFail)) { BeforeOpen = FailToOpen };
        using InferenceEngine engine = Open(model, options => options.RecoveryLimit = TimeSpan.FromMinutes(2));
        engine.IsBeyondRecovery.ShouldBeFalse();
        _passesFail = _opensFail = true;
        await engine.RunAsync(Tickets.Greedy([1, 2, 3], 9));

        _clock.Advance(TimeSpan.FromMinutes(2));
        (engine.State, engine.IsBeyondRecovery).ShouldBe((EngineState.Recovering, false));
        _clock.Advance(Second);
        engine.IsBeyondRecovery.ShouldBeTrue();

        _passesFail = _opensFail = false;
        await ShouldRecoverAsync(engine, model);
        engine.IsBeyondRecovery.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]      // by the time the thread looks, the pause has passed
    public async Task DefectInAStep_EverythingIsRetryable_TheEngineRecovers_NothingIsKept(bool isPauseOver)
    {
        int steps = 0;
        HashModel model = new();
        EngineModel failing = model.ToEngineModel() with
        {
            AfterStep = view =>
            {
                HashModel.Enforce(view);
                if (++steps != 4) return;
                if (isPauseOver) _clock.Advance(TimeSpan.FromHours(1));
                throw new InvalidOperationException("injected: defect");
            },
        };
        // Time goes on between the defect and the first look.
        using InferenceEngine engine = new(failing, NewOptions(), isPauseOver ? new LeapingClock(_clock) : _clock, NullLogger.Instance);
        Task<SearchOutcome>[] searches = [.. Enumerable.Range(0, 4).Select(i => engine.RunAsync(Tickets.Greedy([1, 2, i], 30)))];

        foreach (SearchOutcome outcome in await Task.WhenAll(searches)) outcome.Retryable.ShouldBeTrue();

        await ShouldRecoverAsync(engine, model);
        model.Opened.ShouldBe(2);
    }

    [Fact]
    public async Task DefectWhileTheLogFails_AndAnotherAtOnce_AndNoOpening_TheThreadGoesOn()
    {
        int steps = 0;
        HashModel model = new() { BeforeOpen = FailToOpen };
        EngineModel failing = model.ToEngineModel() with
        {
            AfterStep = _ =>
            {
                _opensFail = steps == 0;
                if (steps++ < 2) throw new InvalidOperationException("injected: defect");
            },
        };
        using InferenceEngine engine = new(failing, NewOptions(), _clock, new FailingLog());
        (await engine.RunAsync(Tickets.Greedy([1, 2, 3], 30))).Retryable.ShouldBeTrue();
        for (int i = 0; i < 3; i++)
        {
            await engine.ShouldBecomeAsync(EngineState.Recovering);
            Advance(TimeSpan.FromMinutes(1));
        }
        _opensFail = false;
        await engine.ShouldBecomeAsync(EngineState.Running, () => Advance(Second));
        (await engine.RunAsync(Tickets.Greedy([1, 2, 3], 30))).Retryable.ShouldBeTrue();
        await ShouldRecoverAsync(engine, model);
    }

    [Fact]
    public async Task StateMachineThrows_ItsSearchEndsAlone()
    {
        Gate gate = new(afterPasses: 1);
        HashModel model = new(gate.Pass);
        using InferenceEngine engine = new(
            model.ToEngineModel() with { TokenBytes = new FailingBytes() }, NewOptions(), _clock, NullLogger.Instance);
        SearchTicket other = Tickets.Greedy([1, 2], 20);
        Task<SearchOutcome> sound = engine.RunAsync(other);
        await gate.Reached;
        Task<SearchOutcome> defective = engine.RunAsync(Tickets.Of([3, 4, 5], new() { MaxNewTokens = 9, StopStrings = ["AB"] }));
        gate.Open();

        SearchOutcome outcome = await defective;
        (outcome.Error!.Code, outcome.Retryable).ShouldBe((BeamlineErrorCode.Internal, false));
        Expect.Same(await sound, Oracle.Run(other, model));
        engine.State.ShouldBe(EngineState.Running);
        await engine.ShouldShowAsync(load => load is { KvUsedBytes: 0, QueuedSearches: 0 } && load.FreeRows == engine.Rows);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("drain")]
    [InlineData("dispose")]
    public async Task EngineThatRecovers_IsClosed_EndsCleanly(string how)
    {
        HashModel model = new(_ => FailIf(_passesFail)) { BeforeOpen = FailToOpen };
        InferenceEngine engine = Open(model);
        _passesFail = _opensFail = true;
        await engine.RunAsync(Tickets.Greedy([1, 2, 3], 9));
        engine.State.ShouldBe(EngineState.Recovering);

        if (how == "close") engine.Close();
        if (how == "drain") engine.Drain();
        if (how != "dispose") engine.State.ShouldBe(EngineState.Draining);
        engine.Submit(Tickets.Greedy([1, 2], 5))!.Code.ShouldBe(BeamlineErrorCode.NoWorker);
        engine.Dispose();

        engine.State.ShouldBe(EngineState.Stopped);
    }

    [Fact]
    public async Task ProbeHangsDuringRecovery_IsReported_AndRecoversWhenItComesBack()
    {
        using ManualResetEventSlim open = new(), hangs = new();
        bool isToHang = false;
        HashModel model = new(_ =>
        {
            FailIf(_passesFail);
            if (!Volatile.Read(ref isToHang)) return;
            hangs.Set();
            open.Wait();
        });
        using InferenceEngine engine = Open(model);
        _passesFail = true;
        await engine.RunAsync(Tickets.Greedy([1, 2, 3], 9));
        Volatile.Write(ref isToHang, true);
        _passesFail = false;
        await Expect.UntilAsync(() => hangs.IsSet, () => "no probe", () => Advance(Second));

        Advance(TimeSpan.FromMinutes(5));
        engine.CheckHang().ShouldBeTrue();
        engine.State.ShouldBe(EngineState.Hanging);

        Volatile.Write(ref isToHang, false);
        open.Set();
        await ShouldRecoverAsync(engine, model);
    }

    [Fact]
    public async Task CancelsFromManyThreads_NoneIsLost()
    {
        using InferenceEngine engine = new(new HashModel().ToEngineModel(), NewOptions(), TimeProvider.System, NullLogger.Instance);
        SearchTicket longest = Tickets.Greedy([1, 2], HashModel.Context - 2);
        int completed = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Run(async () =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                SearchTicket ticket = longest with { Id = new(new($"cancel-{part}-{i}"), 0, 0) };
                engine.Submit(ticket).ShouldBeNull();
                engine.Cancel(ticket.Id);
                SearchOutcome outcome = (await engine.ReadToEndAsync(ticket.Id)).Outcome;
                if (outcome.Error is null) Interlocked.Increment(ref completed);
                engine.Forget(ticket.Id);
            }
        })));
        completed.ShouldBe(0);
    }

    private InferenceEngine Open(HashModel model, Action<EngineOptions>? change = null)
    {
        EngineOptions options = NewOptions();
        change?.Invoke(options);
        return new(model.ToEngineModel(), options, _clock, NullLogger.Instance);
    }

    private static EngineOptions NewOptions() => new() { StreamInterval = TimeSpan.Zero, RecoveryPause = Second };

    private async Task ShouldRecoverAsync(InferenceEngine engine, HashModel model)
    {
        await engine.ShouldBecomeAsync(EngineState.Running, () => Advance(Second));
        SearchTicket ticket = Tickets.Of([1, 2, 3], new() { MaxNewTokens = 9, NumBeams = 2 });
        Expect.Same(await engine.RunAsync(ticket), Oracle.Run(ticket, model));
        await engine.ShouldShowAsync(load => load is { KvUsedBytes: 0, QueuedSearches: 0 } && load.FreeRows == engine.Rows);
    }

    /// <summary>Lets time pass; the engine looks at it every few milliseconds of the machine's.</summary>
    private void Advance(TimeSpan by)
    {
        _clock.Advance(by);
        Thread.Yield();
    }

    private static void FailOnPoison(ForwardPass pass) => FailIf(pass.Tokens.Contains(Poison));

    private static void FailIf(bool fails)
    {
        if (fails) throw new IOException("injected: pass");
    }

    private void FailToOpen()
    {
        if (_opensFail) throw new InsufficientMemoryException("injected: open");
    }

    private static SearchTicket Sound(ImmutableArray<int> prompt, int tokens) =>
        Tickets.Of(prompt, new() { MaxNewTokens = tokens, SuppressTokens = [Poison] });

    private static SearchTicket Poisoned(int i, bool inPrompt) => inPrompt
        ? Tickets.Greedy([Poison, i, 2], 5)
        : Tickets.Of([i, 2, 3], new() { MaxNewTokens = 5, LogitBias = ImmutableDictionary<int, float>.Empty.Add(Poison, 100) });

    /// <summary>Each look finds it a second later, beside what the other clock says.</summary>
    private sealed class LeapingClock(ManualClock inner) : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp() + (Interlocked.Increment(ref _looks) * TimeSpan.TicksPerSecond);

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();
    }
}
