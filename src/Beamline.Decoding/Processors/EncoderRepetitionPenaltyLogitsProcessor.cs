using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>
/// Makes tokens of the prompt likelier: the inverse of <see cref="RepetitionPenaltyLogitsProcessor"/>, on the prompt's ids alone.
/// </summary>
/// <param name="penalty">Above 0; 1 changes nothing, above 1 favours the prompt's tokens.</param>
/// <param name="promptLength">Tokens of the prompt, with which every history begins.</param>
/// <param name="workspace">Scratch memory for rows of this length.</param>
public sealed class EncoderRepetitionPenaltyLogitsProcessor(float penalty, int promptLength, DecodingWorkspace workspace) : ILogitsProcessor
{
    private readonly float _inverse = 1 / penalty;

    /// <inheritdoc/>
    public string Name => nameof(EncoderRepetitionPenaltyLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) =>
        RepetitionPenaltyLogitsProcessor.Penalise(history[..promptLength], scores, _inverse, workspace.Seen);
}
