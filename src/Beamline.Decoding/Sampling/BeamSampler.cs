using System.Numerics.Tensors;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Search;

namespace Beamline.Decoding.Sampling;

/// <summary>
/// Beam sampling: draws ways on without replacement from the distribution that the accumulated scores of all beams stand for.
/// </summary>
/// <remarks>Draw by draw out of what is left: the same distribution as the reference's draw of all at once.</remarks>
internal sealed class BeamSampler
{
    private readonly RandomSource _random;
    private readonly int _vocabularySize;
    private readonly float[] _scores;
    private readonly float[] _weights;
    private readonly int[] _places;
    private int _count;

    /// <summary>A sampler.</summary>
    /// <param name="random">The run's random numbers.</param>
    /// <param name="beams">Rows at most.</param>
    /// <param name="vocabularySize">Length of a row.</param>
    public BeamSampler(RandomSource random, int beams, int vocabularySize)
    {
        _random = random;
        _vocabularySize = vocabularySize;
        _scores = new float[beams * vocabularySize];
        _weights = new float[beams * vocabularySize];
        _places = new int[beams * vocabularySize];
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = 0;

    /// <summary>Offers every token of a row; rows come in the order of their parents.</summary>
    /// <param name="parent">The hypothesis that the row continues.</param>
    /// <param name="row">Processed log-probabilities.</param>
    /// <param name="score">The hypothesis' running sum.</param>
    public void Offer(int parent, ReadOnlySpan<float> row, float score)
    {
        int count = Survivors.Gather(row, _scores.AsSpan(_count), _places.AsSpan(_count));
        Span<float> scores = _scores.AsSpan(_count, count);
        // A row with NaN or plus infinity stands for no distribution; the others go on without it.
        if (count == 0 || !float.IsFinite(RowMath.Max(scores))) return;
        TensorPrimitives.Add(scores, score, scores);
        foreach (ref int place in _places.AsSpan(_count, count)) place += parent * _vocabularySize;
        _count += count;
    }

    /// <summary>Draws and ranks. Fewer come out when fewer have a probability; none when the scores stand for no distribution.</summary>
    /// <param name="position">Index of the token to generate.</param>
    /// <param name="draws">Ways on to draw.</param>
    /// <param name="candidates">Receives what was drawn; has room for it.</param>
    public void Draw(int position, int draws, BeamCandidates candidates)
    {
        if (_count == 0) return;
        Span<float> scores = _scores.AsSpan(0, _count), weights = _weights.AsSpan(0, _count);
        float max = RowMath.Max(scores);
        if (!float.IsFinite(max)) return;
        RowMath.Exponentials(scores, max, weights);
        for (int draw = 0; draw < draws; draw++)
        {
            int chosen = WeightedDraw.Draw(weights, RowMath.Sum(weights), _random.Uniform(branch: 0, position, draw));
            if (chosen < 0) break;
            weights[chosen] = 0;
            (int parent, int token) = Math.DivRem(_places[chosen], _vocabularySize);
            // Of equal scores the one drawn first ranks first, as in the reference.
            candidates.OfferOne(parent, token, scores[chosen]);
        }
    }
}
