using System.Collections.Concurrent;
using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Reporting;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>
/// Many requests of all kinds with cancellations, deadlines, priorities and preemptions: each ends exactly once, nothing is kept, outputs
/// are those of solo runs.
/// </summary>
public sealed class SoakTests(RealModel model) : IClassFixture<RealModel>
{
    private const int InFlight = 48;
    private const int CompareEvery = 10;

    [Fact]
    public Task SomeRandomRequests_EachEndsOnce_NothingIsKept_OutputsAreSolo() => RunAsync(300);

    [Fact]
    [Trait("Category", "Long")]
    public Task TwentyThousandRandomRequests_EachEndsOnce_NothingIsKept_OutputsAreSolo() => RunAsync(20_000);

    private async Task RunAsync(int requests)
    {
        using InferenceEngine engine = model.Open("tales", options => options.Rows = 12);
        using InferenceEngine solo = model.Open("tales", options => options.PrefixCacheBytes = 0);
        Random random = new(42);
        ConcurrentDictionary<string, int> ends = new();
        using SemaphoreSlim places = new(InFlight);
        List<Task> running = [];
        for (int i = 0; i < requests; i++)
        {
            await places.WaitAsync(TestContext.Current.CancellationToken);
            SearchTicket ticket = NewTicket(random);
            bool cancel = random.Next(12) == 0;
            running.Add(OneAsync(i, ticket, cancel));
            running.RemoveAll(task => task.IsCompletedSuccessfully);
        }
        await Task.WhenAll(running);

        ends.Count.ShouldBe(requests);
        ends.Values.ShouldAllBe(count => count == 1);
        SpinWait wait = default;
        while (engine.Load is not { KvUsedBytes: 0, QueuedSearches: 0, FreeRows: 12 })
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            wait.SpinOnce();
        }
        engine.State.ShouldBe(EngineState.Running);
        engine.Load.Counters.Preemptions.ShouldBeGreaterThan(0, "the soak must preempt to say something of it");

        async Task OneAsync(int number, SearchTicket ticket, bool cancel)
        {
            await Task.Yield();
            try
            {
                engine.Submit(ticket).ShouldBeNull();
                if (cancel) engine.Cancel(ticket.Id);
                (List<SearchEvent> events, SearchOutcome outcome) = await engine.ReadToEndAsync(ticket.Id);
                ends.AddOrUpdate(ticket.Id.ToString(), 1, (_, count) => count + 1);
                engine.Forget(ticket.Id);
                if (outcome.Error is { } error)
                {
                    (error.Code == BeamlineErrorCode.Cancelled || error.Code == BeamlineErrorCode.DeadlineExceeded)
                        .ShouldBeTrue(error.Message);
                    return;
                }
                events.Count(change => change.Kind == SearchEventKind.Finished).ShouldBeGreaterThan(0);
                if (number % CompareEvery != 0 || outcome.Hypotheses.Any(found => found.Reason == FinishReason.Deadline)) return;
                SearchTicket again = ticket with { Id = new(new($"solo-{number}"), 0, 0), Deadline = null };
                Show(await solo.RunAsync(again)).ShouldBe(Show(outcome));
                solo.Forget(again.Id);
            }
            finally
            {
                places.Release();
            }
        }
    }

    private SearchTicket NewTicket(Random random)
    {
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, random.Next(1, 24)).Select(_ => random.Next(1, 4096))];
        GenerationParameters values = new() { MaxNewTokens = random.Next(1, 16) };
        values = random.Next(4) switch
        {
            0 => values,
            1 => values with { DoSample = true, Seed = random.Next(), NumReturnSequences = random.Next(1, 5), TopP = 0.9f },
            2 => values with { NumBeams = random.Next(2, 6), NumReturnSequences = 2 },
            _ => values with { DoSample = true, Seed = random.Next(), Temperature = 0.7f, RepetitionPenalty = 1.2f },
        };
        RequestPriority priority = random.Next(3) == 0 ? RequestPriority.Interactive : RequestPriority.Batch;
        SearchTicket ticket = model.Ticket(prompt, values, priority);
        return random.Next(10) == 0 ? ticket with { Deadline = DateTimeOffset.UtcNow.AddMilliseconds(random.Next(-5, 60)) } : ticket;
    }

    private static string Show(SearchOutcome outcome)
    {
        outcome.Error.ShouldBeNull();
        return string.Join(
            '\n', outcome.Hypotheses.Select(found => $"{found.Branch} {string.Join(' ', found.Ids)} {found.Score:R} {found.Reason}"));
    }
}
