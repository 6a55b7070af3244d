using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Cli.Comparison;

/// <summary>One way of decoding that a comparison shows.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record ComparedMethod(string Name, GenerationParameters Parameters)
{
    /// <summary>Width of the beam search.</summary>
    public const int Beams = 4;

    /// <summary>The methods, from the safest to the wildest.</summary>
    /// <param name="samples">Sequences of each method that draws; 1 or more.</param>
    /// <param name="maxNewTokens">Length of each sequence at most.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static ImmutableArray<ComparedMethod> All(int samples, int maxNewTokens, long seed)
    {
        // Log-probabilities of the chosen tokens, and of no others.
        GenerationParameters one = new() { MaxNewTokens = maxNewTokens, Logprobs = 0 };
        // Sampling's default top-k would be in the way of the other methods.
        GenerationParameters drawn = one with { DoSample = true, Seed = seed, NumReturnSequences = samples, TopK = 0 };
        return
        [
            new("greedy", one),
            new($"beam {Beams}", one with { NumBeams = Beams, NumReturnSequences = Math.Min(samples, Beams) }),
            new("top-k 3", drawn with { TopK = 3 }),
            new("top-k 50", drawn with { TopK = 50 }),
            new("top-p 0.9", drawn with { TopP = 0.9f }),
            new("temperature 0.5", drawn with { Temperature = 0.5f }),
            new("temperature 1.0", drawn with { Temperature = 1 }),
            new("temperature 1.5", drawn with { Temperature = 1.5f }),
        ];
    }
}
