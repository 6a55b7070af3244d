namespace Beamline.Engine.Backends;

/// <summary>
/// One forward pass as data: which tokens of which sequences. Reused from pass to pass, so that a pass allocates nothing.
/// </summary>
/// <remarks>
/// Either every sequence gets one token, or every one gets two or more: one new token has other last bits than several, so they never
/// stand in one pass.
/// </remarks>
/// <param name="rows">Sequences at most.</param>
/// <param name="tokens">Tokens at most.</param>
public sealed class ForwardPass(int rows, int tokens)
{
    private readonly PassEntry[] _entries = new PassEntry[rows];
    private readonly int[] _tokens = new int[tokens];
    private int _count, _tokenCount;

    /// <summary>The sequences, in the order in which they were added.</summary>
    public ReadOnlySpan<PassEntry> Entries => _entries.AsSpan(0, _count);

    /// <summary>The new tokens of all of them.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _tokenCount);

    /// <summary>Whether every sequence gets one token.</summary>
    public bool IsDecode => _count > 0 && _entries[0].Count == 1;

    /// <summary>Rows of logits wanted.</summary>
    public int LogitsRows { get; private set; }

    /// <summary>New tokens of the longest entry.</summary>
    public int Width { get; private set; }

    /// <summary>The new tokens of an entry.</summary>
    public ReadOnlySpan<int> TokensOf(in PassEntry entry) => _tokens.AsSpan(entry.First, entry.Count);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = _tokenCount = LogitsRows = Width = 0;

    /// <summary>Adds several tokens of a sequence; its last token's logits are wanted.</summary>
    /// <returns>The row of the logits.</returns>
    public int Add(int sequence, int start, ReadOnlySpan<int> tokens)
    {
        tokens.CopyTo(_tokens.AsSpan(_tokenCount));
        return AddEntry(sequence, start, tokens.Length, wantsLogits: true);
    }

    /// <summary>Adds one token of a sequence.</summary>
    /// <returns>The row of the logits; -1 when they are not wanted.</returns>
    public int Add(int sequence, int start, int token, bool wantsLogits)
    {
        _tokens[_tokenCount] = token;
        return AddEntry(sequence, start, 1, wantsLogits);
    }

    private int AddEntry(int sequence, int start, int count, bool wantsLogits)
    {
        if (_count > 0 && count == 1 != IsDecode)
        {
            throw new InvalidOperationException("A pass takes one token of each sequence, or several.");
        }
        int logits = wantsLogits ? LogitsRows++ : -1;
        _entries[_count++] = new(sequence, start, _tokenCount, count, logits);
        _tokenCount += count;
        Width = int.Max(Width, count);
        return logits;
    }
}
