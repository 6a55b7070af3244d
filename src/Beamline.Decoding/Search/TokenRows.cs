namespace Beamline.Decoding.Search;

/// <summary>Histories of several hypotheses: the prompt, then generated tokens. Each row grows by doubling.</summary>
/// <remarks>
/// Room for all tokens that may be generated would be that of the model's whole context in most requests, which end long before. Most
/// texts fit into the first room, so that nothing is allocated on their way; beyond, a token costs the same on average.
/// </remarks>
internal sealed class TokenRows
{
    /// <summary>Generated tokens for which a row has room from the beginning.</summary>
    public const int FirstRoom = 512;

    private readonly int[][] _rows;
    private readonly int _promptLength;
    private readonly int _maxLength;

    /// <summary>Makes rows that all begin with the prompt.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxNewTokens">Tokens a row may grow by.</param>
    public TokenRows(int rows, ReadOnlySpan<int> prompt, int maxNewTokens)
    {
        _promptLength = prompt.Length;
        _maxLength = prompt.Length + maxNewTokens;
        _rows = new int[rows][];
        for (int row = 0; row < rows; row++)
        {
            _rows[row] = new int[prompt.Length + Math.Min(maxNewTokens, FirstRoom)];
            prompt.CopyTo(_rows[row]);
        }
    }

    /// <summary>Prompt and generated ids of a row that has generated so many.</summary>
    public ReadOnlySpan<int> History(int row, int generated) => _rows[row].AsSpan(0, _promptLength + generated);

    /// <summary>The generated ids of a row that has generated so many.</summary>
    public ReadOnlySpan<int> Generated(int row, int generated) => _rows[row].AsSpan(_promptLength, generated);

    /// <summary>Writes a generated token.</summary>
    public void Set(int row, int position, int token) => Room(row, position + 1)[position] = token;

    /// <summary>Copies generated ids into a row.</summary>
    public void Write(int row, ReadOnlySpan<int> generated) => generated.CopyTo(Room(row, generated.Length));

    private Span<int> Room(int row, int generated)
    {
        int room = _rows[row].Length - _promptLength;
        if (generated > room) Grow(row, Math.Max(generated, 2 * room));
        return _rows[row].AsSpan(_promptLength);
    }

    private void Grow(int row, int room) => Array.Resize(ref _rows[row], Math.Min(_promptLength + room, _maxLength));
}
