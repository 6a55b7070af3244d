using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Decoding.Validation;
using Beamline.Engine;

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
        ImmutableArray<int> prompt = [.. Enumerable.Range(1, settings.PromptTokens)];
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
