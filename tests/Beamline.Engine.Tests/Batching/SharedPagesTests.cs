using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Configuration;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests.Batching;

/// <summary>The engine over a backend whose sequences share pages, where any prompts stand side by side.</summary>
public sealed class SharedPagesTests
{
    [Theory]
    [InlineData(1, 4, 64, null)]
    [InlineData(2, 7, 3, null)]
    [InlineData(3, 16, 512, null)]
    [InlineData(4, 5, 2, 24)]
    [InlineData(5, 16, 512, 30)]
    public async Task StrangersInOneBatch_EachFindsWhatItFindsAlone(int seed, int rows, int prefillTokens, int? blocks)
    {
        HashModel model = new();
        Random random = new(seed);
        using InferenceEngine engine = Open(new PagedFactory(model), options =>
        {
            options.Rows = rows;
            options.PrefillTokens = prefillTokens;
            options.KvBytes = blocks * HashModel.BlockBytes;
            options.PrefixCacheBytes = random.Next(2) * 1_000_000;
        });
        List<SearchTicket> tickets = [.. Enumerable.Range(0, 150).Select(_ => Tickets.Random(random))];

        SearchOutcome[] outcomes = await Task.WhenAll(tickets.Select(engine.RunAsync));

        for (int i = 0; i < tickets.Count; i++) Expect.Same(outcomes[i], Oracle.Run(tickets[i], model));
        await engine.ShouldShowAsync(load => load is { KvUsedBytes: 0, QueuedSearches: 0, QueuedTokens: 0 } && load.FreeRows == rows);
    }

    [Fact]
    public async Task ResumedFromAnyStep_SameResult()
    {
        HashModel model = new();
        Random random = new(21);
        using InferenceEngine engine = Open(new PagedFactory(model));
        for (int i = 0; i < 60; i++)
        {
            SearchTicket ticket = Tickets.Random(random);
            SearchState state = Oracle.StateAt(ticket, model, random.Next(1, 20));
            SearchTicket resumed = ticket with { Id = new(new($"paged-{i}"), 0, 0), Resume = state };
            Expect.Same(await engine.RunAsync(resumed), Oracle.Run(ticket, model));
        }
    }

    [Fact]
    public async Task FourBeamsOfOnePrompt_ShareItsPages()
    {
        HashModel model = new();
        int most = 0;
        EngineModel watched = new PagedFactory(model).ToEngineModel() with
        {
            AfterStep = view =>
            {
                HashModel.Enforce(view);
                most = int.Max(most, view.UsedBlocks);
            },
        };
        // Four pages of prompt, once, and one for each beam: by themselves they would take twenty.
        EngineOptions options = new() { Rows = 4, KvBytes = 8 * HashModel.BlockBytes, StreamInterval = TimeSpan.Zero };
        using InferenceEngine engine = new(watched, options, TimeProvider.System, NullLogger.Instance);
        SearchTicket ticket = Tickets.Of([.. Enumerable.Range(0, 64).Select(i => i % 31)], new() { MaxNewTokens = 12, NumBeams = 4 });

        Expect.Same(await engine.RunAsync(ticket), Oracle.Run(ticket, model));

        most.ShouldBeInRange(5, 8);
    }

    [Fact]
    public async Task PreemptedBeams_ShareTheirPromptWhenTheyAreRestored()
    {
        Gate gate = new(afterPasses: 6);
        HashModel model = new();
        int most = 0;
        EngineModel watched = new PagedFactory(model, gate.Pass).ToEngineModel() with
        {
            AfterStep = view =>
            {
                HashModel.Enforce(view);
                if (view.Waiting.IsEmpty) most = int.Max(most, view.UsedBlocks);
                view.UsedBlocks.ShouldBeLessThanOrEqualTo(view.Running.Sum(search => search.Cost));
            },
        };
        EngineOptions options = new() { Rows = 4, StreamInterval = TimeSpan.Zero };
        using InferenceEngine engine = new(watched, options, TimeProvider.System, NullLogger.Instance);
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, 64).Select(i => i % 31)];
        SearchTicket batch = Tickets.Of(prompt, new() { MaxNewTokens = 14, NumBeams = 4 }, Abstractions.Requests.RequestPriority.Batch);
        SearchTicket urgent = Tickets.Greedy([5, 6, 7], 3);
        Task<SearchOutcome> slow = engine.RunAsync(batch);
        await gate.Reached;
        Task<SearchOutcome> fast = engine.RunAsync(urgent);
        gate.Open();

        Expect.Same(await fast, Oracle.Run(urgent, model));
        Expect.Same(await slow, Oracle.Run(batch, model));
        await engine.ShouldShowAsync(load => load.Counters is { Preemptions: 1, ReplayedTokens: 0 });
        most.ShouldBeInRange(5, 8);
    }

    [Fact]
    public async Task SixteenPromptsWithACommonBeginning_ComputeItOnce_AndTheRestSideBySide()
    {
        Gate gate = new(afterPasses: 0);
        int prompts = 0;
        HashModel model = new();
        PagedFactory factory = new(model, pass =>
        {
            gate.Pass(pass);
            if (!pass.IsDecode) prompts++;
        });
        using InferenceEngine engine = Open(factory, options => options.Rows = 20);
        Task<SearchOutcome> first = engine.RunAsync(Tickets.Greedy([30, 31], 2));
        await gate.Reached;
        SearchTicket[] tickets = [.. Enumerable.Range(0, 16).Select(i => Tickets.Greedy([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, i, 12, i], 5))];
        Task<SearchOutcome>[] searches = [.. tickets.Select(engine.RunAsync)];
        gate.Open();

        for (int i = 0; i < tickets.Length; i++) Expect.Same(await searches[i], Oracle.Run(tickets[i], model));
        await first;
        prompts.ShouldBe(3, "the one before, the common beginning with the first, the rest");
    }

    private static InferenceEngine Open(PagedFactory factory, Action<EngineOptions>? change = null)
    {
        EngineOptions options = new() { StreamInterval = TimeSpan.Zero };
        change?.Invoke(options);
        return new(factory.ToEngineModel(), options, TimeProvider.System, NullLogger.Instance);
    }
}
