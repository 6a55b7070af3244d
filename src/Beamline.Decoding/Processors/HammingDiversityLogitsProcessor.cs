namespace Beamline.Decoding.Processors;

/// <summary>Diverse beam search: a token loses for each beam of an earlier group that chose it in this step.</summary>
/// <param name="penalty">What it loses each time; 0 changes nothing.</param>
/// <param name="beams">Beams of all groups.</param>
/// <remarks>The search says who chose what, group after group. Vijayakumar et al. 2018, arXiv:1610.02424.</remarks>
public sealed class HammingDiversityLogitsProcessor(float penalty, int beams) : ILogitsProcessor
{
    private readonly int[] _tokens = new int[beams];
    private readonly int[] _times = new int[beams];
    private int _count;

    /// <inheritdoc/>
    public string Name => nameof(HammingDiversityLogitsProcessor);

    /// <summary>Begins a step.</summary>
    public void Clear() => _count = 0;

    /// <summary>Notes that beams chose a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="times">How many beams.</param>
    public void Choose(int token, int times = 1)
    {
        int place = _tokens.AsSpan(0, _count).IndexOf(token);
        if (place < 0)
        {
            place = _count++;
            _tokens[place] = token;
            _times[place] = 0;
        }
        _times[place] += times;
    }

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        for (int i = 0; i < _count; i++)
        {
            if ((uint)_tokens[i] < (uint)scores.Length) scores[_tokens[i]] -= penalty * _times[i];
        }
    }
}
