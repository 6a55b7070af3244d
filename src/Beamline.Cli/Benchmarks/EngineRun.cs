using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Decoding.Validation;
using Beamline.Engine;
using Beamline.Engine.Reporting;

namespace Beamline.Cli.Benchmarks;

/// <summary>The same work as the bare loop's, as searches of an engine.</summary>
internal sealed class EngineRun(InferenceEngine engine, DecodeSettings settings)
{
    private const int BeamsOfAPrompt = 4;
    private int _runs;

    /// <summary>Searches that fill so many rows.</summary>
    public static int Searches(DecodeMethod method, int rows) => method == DecodeMethod.Beam ? rows / BeamsOfAPrompt : rows;

    /// <summary>Fills so many rows with searches of one length and reads them to their end.</summary>
    public Task RunAsync(DecodeMethod method, int rows) =>
        RunAsync(method, [.. Enumerable.Repeat(settings.NewTokens, Searches(method, rows))]);

    /// <summary>Submits searches of these lengths together and reads them to their end.</summary>
    public async Task RunAsync(DecodeMethod method, IReadOnlyList<int> lengths)
    {
        _runs++;
        List<SearchTicket> tickets = [.. lengths.Select((length, number) => NewTicket(method, number, length))];
        foreach (SearchTicket ticket in tickets)
        {
            if (engine.Submit(ticket) is { } refusal) throw new BeamlineException(refusal);
        }
        await Task.WhenAll(tickets.Select(ReadToEndAsync));
    }

    private SearchTicket NewTicket(DecodeMethod method, int number, int newTokens)
    {
        ModelDescription model = engine.Model;
        ImmutableArray<int> prompt = NewPrompt(number);
        GenerationParameters values = new() { MaxNewTokens = newTokens, EosTokenId = [], Seed = number };
        values = method switch
        {
            DecodeMethod.Sample => values with { DoSample = true, Temperature = 0.8f, TopP = 0.95f, TopK = 0 },
            DecodeMethod.Beam => values with { NumBeams = BeamsOfAPrompt, NumReturnSequences = BeamsOfAPrompt },
            _ => values,
        };
        ParameterContext context = new(model.VocabularySize, model.ContextLength, model.StopIds, prompt.Length, FallbackSeed: 0);
        CheckedParameters parameters = ParameterValidator.Check(values, context).OrThrow();
        return new()
        {
            Id = new(new($"bench-{_runs}"), number, 0),
            Model = model.Name,
            PromptIds = prompt,
            Parameters = parameters,
            Rows = parameters.MaxRows,
        };
    }

    /// <summary>What all have in common differs from run to run: at the start of each nothing of it is at hand.</summary>
    private ImmutableArray<int> NewPrompt(int number)
    {
        if (settings.SharedTokens == 0) return [.. Enumerable.Range(1, settings.PromptTokens)];
        int ids = engine.Model.VocabularySize - 1;
        return
        [
            .. Enumerable.Range(0, settings.PromptTokens)
                .Select(i => 1 + (int)((i + (17L * _runs) + (i < settings.SharedTokens ? 0 : 7919L * (number + 1))) % ids)),
        ];
    }

    /// <summary>The engine's sums once it has nothing to do and has said so.</summary>
    public async Task<EngineCounters> SettledCountersAsync()
    {
        while (engine.Load is not { QueuedSearches: 0, KvUsedBytes: 0 }) await Task.Yield();
        return engine.Load.Counters;
    }

    private async Task ReadToEndAsync(SearchTicket ticket)
    {
        long from = 0;
        while (true)
        {
            SearchReading reading = await engine.ReadAsync(ticket.Id, from, CancellationToken.None);
            from = reading.Next;
            if (reading.Outcome is not { } outcome) continue;
            if (outcome.Error is { } error) throw new BeamlineException(error);
            break;
        }
        engine.Forget(ticket.Id);
    }
}
