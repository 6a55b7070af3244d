using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Validation;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>Makes tickets for the hashing model.</summary>
internal static class Tickets
{
    private static int _made;

    public static SearchTicket Of(
        ImmutableArray<int> prompt, GenerationParameters values, RequestPriority priority = RequestPriority.Interactive)
    {
        CheckedParameters parameters = ParameterValidator.Check(
            values, new(HashModel.Vocabulary, HashModel.Context, [], prompt.Length, FallbackSeed: 1)).OrThrow();
        return new()
        {
            Id = new(new($"r{Interlocked.Increment(ref _made)}"), 0, 0),
            Model = "hash",
            PromptIds = prompt,
            Parameters = parameters,
            Rows = parameters.MaxRows,
            Priority = priority,
        };
    }

    public static SearchTicket Greedy(ImmutableArray<int> prompt, int tokens, RequestPriority priority = RequestPriority.Interactive) =>
        Of(prompt, new() { MaxNewTokens = tokens }, priority);

    /// <summary>A request of a random kind and size.</summary>
    public static SearchTicket Random(Random random)
    {
        int length = random.Next(8) == 0 ? 1 : random.Next(1, 40);
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, length).Select(_ => random.Next(HashModel.Vocabulary))];
        int tokens = random.Next(1, 30);
        int[] stops = random.Next(3) == 0 ? [] : [random.Next(HashModel.Vocabulary), random.Next(HashModel.Vocabulary)];
        GenerationParameters values = random.Next(4) switch
        {
            0 => new() { MaxNewTokens = tokens },
            1 => new()
            {
                MaxNewTokens = tokens, DoSample = true, Seed = random.Next(), NumReturnSequences = random.Next(1, 5),
                TopK = 20, TopP = 0.9f,
            },
            2 => new() { MaxNewTokens = tokens, NumBeams = random.Next(2, 5), NumReturnSequences = 2, LengthPenalty = 0.5f },
            _ => new() { MaxNewTokens = tokens, NumBeams = 4, EarlyStopping = (EarlyStopping)random.Next(3), RepetitionPenalty = 1.3f },
        };
        RequestPriority priority = random.Next(2) == 0 ? RequestPriority.Interactive : RequestPriority.Batch;
        return Of(prompt, values with { EosTokenId = [.. stops] }, priority);
    }
}
