using Beamline.Abstractions.Searches;
using Beamline.Engine.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests;

public sealed class AllocationTests
{
    private const int Tokens = 90;
    private const int Searches = 200;

    [Theory]
    [InlineData("greedy")]
    [InlineData("samples")]
    [InlineData("beams")]
    public async Task EngineThread_AllocatesAtMost64BytesAToken_AllTold(string kind)
    {
        long first = 0, last = 0;
        HashModel model = new(_ =>
        {
            last = GC.GetAllocatedBytesForCurrentThread();
            if (first == 0) first = last;
        });
        using InferenceEngine engine = new(
            model.ToEngineModel() with { AfterStep = null }, new(), TimeProvider.System, NullLogger.Instance);
        await RunAsync(engine, kind);
        Volatile.Write(ref first, 0);

        SearchOutcome[] outcomes = await RunAsync(engine, kind);

        int tokens = outcomes.Sum(outcome => outcome.Hypotheses.Sum(found => found.Ids.Length));
        ((double)(last - first) / tokens).ShouldBeLessThanOrEqualTo(64);
    }

    private static Task<SearchOutcome[]> RunAsync(InferenceEngine engine, string kind) =>
        Task.WhenAll(Enumerable.Range(0, Searches).Select(async i =>
        {
            SearchTicket ticket = Tickets.Of([1, 2, 3, i % 30], kind switch
            {
                "samples" => new() { MaxNewTokens = Tokens, DoSample = true, Seed = i, NumReturnSequences = 4, TopP = 0.9f },
                "beams" => new() { MaxNewTokens = Tokens, NumBeams = 4, NumReturnSequences = 4 },
                _ => new() { MaxNewTokens = Tokens },
            });
            SearchOutcome outcome = await engine.RunAsync(ticket);
            engine.Forget(ticket.Id);
            return outcome;
        }));
}
