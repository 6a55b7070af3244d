using System.Collections.Immutable;
using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>OpenAI's presence and frequency penalties and its bias on single ids.</summary>
/// <param name="presence">Subtracted once from each token generated so far; 0 changes nothing.</param>
/// <param name="frequency">Subtracted from a token for each time it was generated; 0 changes nothing.</param>
/// <param name="biases">Added to the scores of ids within the vocabulary; may be empty.</param>
/// <param name="promptLength">Tokens of the prompt, with which every history begins and which do not count.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
/// <remarks>score - count x frequency - (count > 0) x presence + bias, as OpenAI's API documents it.</remarks>
public sealed class OpenAiPenaltyLogitsProcessor(
    float presence,
    float frequency,
    ImmutableDictionary<int, float> biases,
    int promptLength,
    DecodingWorkspace workspace) : ILogitsProcessor
{
    private readonly KeyValuePair<int, float>[] _biases = [.. biases.OrderBy(entry => entry.Key)];

    /// <inheritdoc/>
    public string Name => nameof(OpenAiPenaltyLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        if (presence != 0 || frequency != 0) Penalise(history[promptLength..], scores);
        foreach ((int id, float bias) in _biases) scores[id] += bias;
    }

    private void Penalise(ReadOnlySpan<int> generated, Span<float> scores)
    {
        int[] counts = workspace.Ids;
        foreach (int id in generated) counts[id] = 0;
        foreach (int id in generated) counts[id]++;
        foreach (int id in generated)
        {
            if (counts[id] == 0) continue;
            scores[id] = scores[id] - counts[id] * frequency - presence;
            counts[id] = 0;
        }
    }
}
