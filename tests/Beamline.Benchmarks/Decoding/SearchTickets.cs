using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Validation;

namespace Beamline.Benchmarks.Decoding;

/// <summary>Tickets and logits for benchmarks that need no model.</summary>
internal static class SearchTickets
{
    /// <summary>A ticket for a prompt of 32 tokens and as many new tokens as a benchmark can take.</summary>
    public static SearchTicket Create(GenerationParameters values, int vocabularySize, int maxNewTokens)
    {
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, 32).Select(i => i * 7)];
        ParameterContext context = new(vocabularySize, prompt.Length + maxNewTokens, [], prompt.Length, FallbackSeed: 7);
        CheckedParameters parameters = ParameterValidator.Check(values, context).OrThrow();
        return new()
        {
            Id = new(new RequestId("benchmark"), 0, 0),
            Model = "none",
            PromptIds = prompt,
            Parameters = parameters,
            Rows = parameters.MaxRows,
        };
    }

    /// <summary>Logits that look like a language model's: normal with a heavy upper end. The same for the same seed.</summary>
    public static float[] Logits(int rows, int vocabularySize, int seed)
    {
        Random random = new(seed);
        float[] logits = new float[rows * vocabularySize];
        for (int i = 0; i < logits.Length; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            logits[i] = (float)(2.2 * normal + (random.Next(500) == 0 ? 6 * random.NextDouble() : 0));
        }
        return logits;
    }
}
