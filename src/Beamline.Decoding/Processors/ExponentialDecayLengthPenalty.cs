using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Processors;

/// <summary>Makes stop ids likelier the longer the text gets: + |score| x (factor ^ n - 1), with n counted from a start.</summary>
/// <param name="decay">Start, in generated tokens, and factor; a factor of 1 changes nothing.</param>
/// <param name="promptLength">Tokens of the prompt, with which every history begins.</param>
/// <param name="stopIds">Stop ids; those outside the vocabulary are ignored.</param>
public sealed class ExponentialDecayLengthPenalty(ExponentialDecay decay, int promptLength, ImmutableArray<int> stopIds) : ILogitsProcessor
{
    // A stop id that is listed twice is raised once.
    private readonly ImmutableArray<int> _ids = [.. stopIds.Distinct()];

    /// <inheritdoc/>
    public string Name => nameof(ExponentialDecayLengthPenalty);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        int beyond = history.Length - promptLength - decay.Start;
        if (beyond <= 0) return;
        float growth = (float)(Math.Pow(decay.Factor, beyond) - 1);
        foreach (int id in _ids)
        {
            if ((uint)id < (uint)scores.Length && float.IsFinite(scores[id])) scores[id] += Math.Abs(scores[id]) * growth;
        }
    }
}
