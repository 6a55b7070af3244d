using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>
/// The same request gives the same bits whatever runs beside it and whatever happens to it. Log-probabilities stand for the logits: they
/// are compared bit by bit.
/// </summary>
public sealed class ExactnessTests(RealModel model) : IClassFixture<RealModel>
{
    private static readonly ImmutableArray<int> Prompt = [508, 514, 259, 387, 12, 391, 286, 259, 1879, 3967, 405, 1030, 14, 436, 372];

    public static TheoryData<string, string> Cases { get; } = new(
        from precision in (string[])["tales", "tales@int8", "tales@int4", "tales@w8a8"]
        from kind in (string[])["greedy", "samples", "beams"]
        select (precision, kind));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task AmongStrangersInAnyBatch_SameBits(string name, string kind)
    {
        string alone = await AloneAsync(name, kind);
        Random random = new(5);
        using InferenceEngine engine = model.Open(name, options => options.PrefillTokens = kind == "greedy" ? 24 : 300);
        List<Task> strangers = [];
        List<Task<SearchOutcome>> targets = [];
        for (int i = 0; i < 24; i++)
        {
            strangers.Add(engine.RunAsync(Stranger(random)));
            if (i % 6 == 0) targets.Add(engine.RunAsync(Target(kind)));
        }
        await Task.WhenAll(strangers);
        foreach (SearchOutcome outcome in await Task.WhenAll(targets)) Show(outcome).ShouldBe(alone);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Preempted_SameBits(string name, string kind)
    {
        string alone = await AloneAsync(name, kind);
        Random random = new(6);
        using InferenceEngine engine = model.Open(name, options => options.Rows = 4);
        Task<SearchOutcome> target = engine.RunAsync(Target(kind, RequestPriority.Batch));
        for (int i = 0; i < 4; i++)
        {
            await engine.RunAsync(model.Ticket(
                [.. Enumerable.Range(0, 9).Select(_ => random.Next(1, 4096))],
                new() { MaxNewTokens = 3, DoSample = true, NumReturnSequences = 4 }));
        }
        Show(await target).ShouldBe(alone);
        // The load is published a moment after the outcome.
        while (engine.Load.FreeRows < engine.Rows)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        engine.Load.Counters.Preemptions.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task ContinuedFromRecordedPositions_SameBits(string name, string kind)
    {
        SearchTicket whole = Target(kind);
        using InferenceEngine engine = model.Open(name);
        engine.Submit(whole).ShouldBeNull();
        (List<SearchEvent> events, SearchOutcome outcome) = await engine.ReadToEndAsync(whole.Id);
        ImmutableArray<TokenLogprobs> logprobs = (await engine.ReadAsync(whole.Id, 0, TestContext.Current.CancellationToken)).Logprobs;
        int steps = events.Max(change => change.Step);

        for (int step = 1; step < steps; step += 5)
        {
            int count = events.FindLastIndex(change => change.Step <= step) + 1;
            SearchStateBuilder builder = new(whole);
            builder.Apply(events.ToArray().AsSpan(0, count), logprobs.AsSpan()[..count]);
            Show(await engine.RunAsync(Target(kind) with { Resume = builder.Build() })).ShouldBe(Show(outcome));
        }
    }

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@int4")]
    [InlineData("tales@w8a8")]
    public async Task PromptFromTheCacheOrInPieces_SameBits(string name)
    {
        string alone = await AloneAsync(name, "greedy");
        for (int pieces = 2; pieces < 9; pieces++)
        {
            using InferenceEngine engine = model.Open(name, options => options.PrefillTokens = pieces);
            Show(await engine.RunAsync(Target("greedy"))).ShouldBe(alone);
            SearchOutcome cached = await engine.RunAsync(Target("greedy"));
            Show(cached).ShouldBe(alone);
            cached.CachedTokens.ShouldBe(Prompt.Length - 2);
        }
    }

    private async Task<string> AloneAsync(string name, string kind)
    {
        using InferenceEngine engine = model.Open(name, options => options.PrefixCacheBytes = 0);
        return Show(await engine.RunAsync(Target(kind)));
    }

    private SearchTicket Target(string kind, RequestPriority priority = RequestPriority.Interactive)
    {
        GenerationParameters values = new() { MaxNewTokens = 24, Logprobs = 3 };
        values = kind switch
        {
            "samples" => values with { DoSample = true, Seed = 7, NumReturnSequences = 3, Temperature = 1.2f, TopK = 0, TopP = 0.95f },
            "beams" => values with { NumBeams = 4, NumReturnSequences = 4, RepetitionPenalty = 1.1f },
            _ => values,
        };
        return model.Ticket(Prompt, values, priority);
    }

    private SearchTicket Stranger(Random random)
    {
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, random.Next(1, 50)).Select(_ => random.Next(1, 4096))];
        GenerationParameters values = new() { MaxNewTokens = random.Next(1, 30) };
        values = random.Next(3) switch
        {
            0 => values with { DoSample = true, Seed = random.Next(), NumReturnSequences = random.Next(1, 4) },
            1 => values with { NumBeams = random.Next(2, 5) },
            _ => values,
        };
        return model.Ticket(prompt, values);
    }

    private static string Show(SearchOutcome outcome)
    {
        outcome.Error.ShouldBeNull();
        return string.Join('\n', outcome.Hypotheses.Select(found =>
            $"{string.Join(' ', found.Ids)} {found.Score:R} {found.Reason}: {string.Join(' ', found.Logprobs.Select(Show))}"));
    }

    private static string Show(TokenLogprobs entry) =>
        $"{entry.Raw:R}/{entry.Processed:R}[{string.Join(',', entry.TopRaw.Select(top => $"{top.Id}:{top.Logprob:R}"))}]";
}
