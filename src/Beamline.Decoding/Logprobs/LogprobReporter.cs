using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Logprobs;

/// <summary>Reports the chosen token and the likeliest ones, by the model alone and after the processors.</summary>
/// <remarks>Made only when log-probabilities were asked for: it keeps copies of rows and allocates what it reports.</remarks>
internal sealed class LogprobReporter
{
    /// <summary>The entry of an event that appended no token.</summary>
    public static readonly TokenLogprobs NoToken = new(-1, 0, 0, [], []);

    /// <summary>Stands for the logarithm of 0 and for what is not defined: finite, so that JSON can carry it.</summary>
    private const float LeastLogprob = -1e9f;

    private readonly int _vocabularySize;
    private readonly BestTokens? _best;
    private readonly float[] _raw;
    private readonly float[] _processed;
    private readonly ImmutableArray<TokenLogprob>[] _topRaw;
    private readonly ImmutableArray<TokenLogprob>[] _topProcessed;

    /// <summary>A reporter.</summary>
    /// <param name="top">How many of the likeliest tokens to report; 0 or more.</param>
    /// <param name="rows">Rows that are in use at the same time.</param>
    /// <param name="vocabularySize">Length of a row.</param>
    public LogprobReporter(int top, int rows, int vocabularySize)
    {
        _vocabularySize = vocabularySize;
        _best = top > 0 ? new(top) : null;
        _raw = new float[rows * vocabularySize];
        _processed = new float[rows * vocabularySize];
        _topRaw = new ImmutableArray<TokenLogprob>[rows];
        _topProcessed = new ImmutableArray<TokenLogprob>[rows];
    }

    /// <summary>Notes a row as the model gave it.</summary>
    public void NoteRaw(int row, ReadOnlySpan<float> logits) => _topRaw[row] = Note(Row(_raw, row), logits, normalise: true);

    /// <summary>Notes a row after the processors.</summary>
    /// <param name="row">The row.</param>
    /// <param name="scores">Its scores.</param>
    /// <param name="normalise">False where the scores are reported as they are: in beam search, whose sums are made of them.</param>
    public void NoteProcessed(int row, ReadOnlySpan<float> scores, bool normalise) =>
        _topProcessed[row] = Note(Row(_processed, row), scores, normalise);

    /// <summary>The log-probabilities where a token was chosen from a row.</summary>
    public TokenLogprobs Report(int row, int token) =>
        new(token, Finite(Row(_raw, row)[token]), Finite(Row(_processed, row)[token]), _topRaw[row], _topProcessed[row]);

    private ImmutableArray<TokenLogprob> Note(Span<float> copy, ReadOnlySpan<float> scores, bool normalise)
    {
        scores.CopyTo(copy);
        if (normalise) RowMath.LogSoftmax(copy);
        if (_best is null) return [];
        _best.Clear();
        _best.Offer(row: 0, copy, sum: 0);
        ReadOnlySpan<RankedToken> best = _best.Rank();
        var top = ImmutableArray.CreateBuilder<TokenLogprob>(best.Length);
        foreach (RankedToken token in best) top.Add(new(token.Token, token.Score));
        return top.MoveToImmutable();
    }

    private Span<float> Row(float[] rows, int row) => rows.AsSpan(row * _vocabularySize, _vocabularySize);

    private static float Finite(float logprob) => float.IsFinite(logprob) ? logprob : LeastLogprob;
}
