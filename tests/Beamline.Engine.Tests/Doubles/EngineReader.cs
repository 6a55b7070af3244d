using Beamline.Abstractions.Searches;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>Reads searches to their end.</summary>
internal static class EngineReader
{
    public static async Task<(List<SearchEvent> Events, SearchOutcome Outcome)> ReadToEndAsync(this InferenceEngine engine, SearchId search)
    {
        List<SearchEvent> events = [];
        while (true)
        {
            SearchReading reading = await engine.ReadAsync(search, events.Count, TestContext.Current.CancellationToken);
            reading.From.ShouldBe(events.Count);
            events.AddRange(reading.Events);
            if (reading.Outcome is { } outcome) return (events, outcome);
        }
    }

    public static async Task<SearchOutcome> RunAsync(this InferenceEngine engine, SearchTicket ticket)
    {
        engine.Submit(ticket).ShouldBeNull();
        return (await engine.ReadToEndAsync(ticket.Id)).Outcome;
    }
}
