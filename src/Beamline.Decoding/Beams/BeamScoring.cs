using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Beams;

/// <summary>Final scores and the question whether going on can pay, as the reference answers it.</summary>
/// <param name="parameters">Checked parameters of a beam search.</param>
internal sealed class BeamScoring(CheckedParameters parameters)
{
    private readonly double _lengthPenalty = parameters.Values.LengthPenalty ?? 1;
    private readonly EarlyStopping _earlyStopping = parameters.Values.EarlyStopping ?? EarlyStopping.False;

    /// <summary>The final score of a hypothesis: its sum / length ^ length_penalty.</summary>
    /// <param name="sum">Sum of processed log-probabilities.</param>
    /// <param name="length">Generated tokens, the stop id included; a hypothesis without tokens counts as one.</param>
    public float Final(float sum, int length) => sum / (float)Math.Pow(Math.Max(length, 1), _lengthPenalty);

    /// <summary>Whether a group is done: its list is full, and nothing that runs can improve it or nothing is to be waited for.</summary>
    /// <param name="finished">The group's list.</param>
    /// <param name="bestSum">The best sum that might still grow.</param>
    /// <param name="length">Tokens generated so far.</param>
    public bool IsDone(FinishedBeams finished, float bestSum, int length)
    {
        if (!finished.IsFull) return false;
        if (_earlyStopping == EarlyStopping.True) return true;
        // A positive penalty favours length, so the most favourable hypothesis is the longest possible one.
        bool longest = _earlyStopping == EarlyStopping.Never && _lengthPenalty > 0;
        return !(Final(bestSum, longest ? parameters.MaxNewTokens : length) > finished.WorstScore);
    }
}
