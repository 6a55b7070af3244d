using System.Numerics.Tensors;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Sampling;
using Beamline.Decoding.Search;

namespace Beamline.Decoding.Beams;

/// <summary>
/// Beam sampling: draws ways on without replacement from the distribution that the accumulated scores of all beams stand for.
/// </summary>
/// <remarks>
/// Draw by draw out of what is left: the same distribution as the reference's draw of all at once. Rows that are mostly masked are
/// copied without what is masked, so that a step costs by what is left of them; others are drawn from where they stand, since at
/// many beams copies cost more than all the rest.
/// </remarks>
internal sealed class BeamSampler
{
    private readonly RandomSource _random;
    private readonly WeightTree _weights;
    private readonly float[] _copies;
    private readonly int[] _tokens;
    private readonly Offered[] _rows;
    private int _rowCount;
    private int _copied;
    private int _count;
    private float _max;

    /// <summary>A sampler.</summary>
    /// <param name="random">The run's random numbers.</param>
    /// <param name="beams">Rows at most.</param>
    /// <param name="vocabularySize">Length of a row.</param>
    public BeamSampler(RandomSource random, int beams, int vocabularySize)
    {
        _random = random;
        _weights = new(beams * vocabularySize);
        // What is copied is at most half of a row, but is gathered into room for a whole one.
        int copies = (beams - 1) * (vocabularySize / 2) + vocabularySize;
        _copies = new float[copies];
        _tokens = new int[copies];
        _rows = new Offered[beams];
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _rowCount = _copied = _count = 0;
        _max = float.NegativeInfinity;
    }

    /// <summary>Offers every token of a row; rows come in the order of their parents.</summary>
    /// <param name="parent">The hypothesis that the row continues.</param>
    /// <param name="row">Processed log-probabilities; the running sum is added to them in place.</param>
    /// <param name="score">The hypothesis' running sum.</param>
    public void Offer(int parent, Span<float> row, float score)
    {
        float max = RowMath.Max(row);
        // A row with NaN or plus infinity stands for no distribution, and one that is masked for none either; the others go on without.
        if (!float.IsFinite(max)) return;
        TensorPrimitives.Add(row, score, row);
        _max = Math.Max(_max, max + score);
        int count = RowMath.CountUnmasked(row);
        bool isCopy = count <= row.Length / 2;
        if (isCopy) Survivors.Gather(row, _copies.AsSpan(_copied), _tokens.AsSpan(_copied));
        _rows[_rowCount++] = new(parent, _count, isCopy ? _copied : -1);
        _count += isCopy ? count : row.Length;
        _copied += isCopy ? count : 0;
    }

    /// <summary>Draws and ranks. Fewer come out when fewer have a probability; none when the scores stand for no distribution.</summary>
    /// <param name="logits">The rows that were offered, by their parents.</param>
    /// <param name="position">Index of the token to generate.</param>
    /// <param name="candidates">Receives what was drawn, as many as it keeps.</param>
    public void Draw(LogitsRows logits, int position, BestTokens candidates)
    {
        if (!float.IsFinite(_max)) return;
        _weights.Clear();
        for (int row = 0; row < _rowCount; row++)
        {
            ReadOnlySpan<float> scores = ScoresOf(row, logits);
            RowMath.Exponentials(scores, _max, _weights.Add(scores.Length));
        }
        _weights.AddUp();
        for (int draw = 0; draw < candidates.Capacity; draw++)
        {
            int chosen = _weights.Draw(_random.Uniform(branch: 0, position, draw));
            if (chosen < 0) break;
            _weights.Remove(chosen);
            int row = RowOf(chosen), place = chosen - _rows[row].Start;
            int token = _rows[row].Copy < 0 ? place : _tokens[_rows[row].Copy + place];
            // Of equal scores the one drawn first ranks first, as in the reference.
            candidates.OfferOne(_rows[row].Parent, token, ScoresOf(row, logits)[place]);
        }
    }

    private ReadOnlySpan<float> ScoresOf(int row, LogitsRows logits)
    {
        int end = row + 1 < _rowCount ? _rows[row + 1].Start : _count;
        return _rows[row].Copy < 0 ? logits[_rows[row].Parent] : _copies.AsSpan(_rows[row].Copy, end - _rows[row].Start);
    }

    private int RowOf(int place)
    {
        int first = 0, last = _rowCount - 1;
        while (first < last)
        {
            int middle = (first + last + 1) / 2;
            if (_rows[middle].Start <= place) first = middle;
            else last = middle - 1;
        }
        return first;
    }

    /// <summary>A row that takes part.</summary>
    /// <param name="Parent">The hypothesis that it continues.</param>
    /// <param name="Start">Place of its first weight.</param>
    /// <param name="Copy">Where the copy of what is left of it begins; -1 when it is drawn from where it stands.</param>
    private readonly record struct Offered(int Parent, int Start, int Copy);
}
