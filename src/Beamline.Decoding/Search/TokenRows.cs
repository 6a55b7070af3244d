using System.Collections.Immutable;

namespace Beamline.Decoding.Search;

/// <summary>Histories of several hypotheses in one buffer: the prompt, then room for all tokens that may be generated.</summary>
internal sealed class TokenRows
{
    private readonly int[] _ids;
    private readonly int _promptLength;
    private readonly int _stride;

    /// <summary>Makes rows that all begin with the prompt.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxNewTokens">Tokens a row may grow by.</param>
    public TokenRows(int rows, ReadOnlySpan<int> prompt, int maxNewTokens)
    {
        _promptLength = prompt.Length;
        _stride = prompt.Length + maxNewTokens;
        _ids = new int[rows * _stride];
        for (int row = 0; row < rows; row++) prompt.CopyTo(_ids.AsSpan(row * _stride));
    }

    /// <summary>Prompt and generated ids of a row that has generated so many.</summary>
    public ReadOnlySpan<int> History(int row, int generated) => _ids.AsSpan(row * _stride, _promptLength + generated);

    /// <summary>The generated ids of a row that has generated so many.</summary>
    public ReadOnlySpan<int> Generated(int row, int generated) => _ids.AsSpan(row * _stride + _promptLength, generated);

    /// <summary>Writes a generated token.</summary>
    public void Set(int row, int position, int token) => _ids[row * _stride + _promptLength + position] = token;

    /// <summary>Copies generated ids into a row.</summary>
    public void Write(int row, ReadOnlySpan<int> generated) => generated.CopyTo(_ids.AsSpan(row * _stride + _promptLength));
}
