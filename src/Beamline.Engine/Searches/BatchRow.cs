namespace Beamline.Engine.Searches;

/// <summary>
/// One hypothesis in the batch: the tokens it knows, and the sequence that holds the KV of those that went through a pass. Reused.
/// </summary>
/// <remarks>
/// A row whose sequence is shorter than its known tokens by more than one replays: they are fed again, one a step, and the logits are
/// ignored. So a preempted or moved search continues with the bits it would have had. Owned by the engine thread.
/// </remarks>
internal sealed class BatchRow
{
    /// <summary>What a position holds that is more than a token of a prompt is this or more.</summary>
    public const int FirstMark = 1 << 29;

    // Marks of a position beside its token: equal marks mean equal bits.
    private const int Decoded = 1 << 30, Recomputed = FirstMark;
    private const int FirstTokens = 64;
    private int[] _tokens = new int[FirstTokens];

    /// <summary>The sequence.</summary>
    public int Sequence { get; set; }

    /// <summary>Tokens it knows, the prompt's included.</summary>
    public ReadOnlySpan<int> Known => _tokens.AsSpan(0, KnownCount);

    /// <summary>Number of known tokens.</summary>
    public int KnownCount { get; private set; }

    /// <summary>Leading positions that passes over several tokens computed; the rest was decoded.</summary>
    public int Prefilled { get; set; }

    /// <summary>Begins a hypothesis.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="prompt">The prompt's ids.</param>
    /// <param name="generated">Its generated ids.</param>
    /// <param name="prefilled">Leading positions that a prompt's pass computes.</param>
    public void Begin(int sequence, ReadOnlySpan<int> prompt, ReadOnlySpan<int> generated, int prefilled)
    {
        Sequence = sequence;
        Prefilled = prefilled;
        KnownCount = 0;
        AppendAll(prompt);
        AppendAll(generated);
    }

    /// <summary>Begins a hypothesis that has another's history.</summary>
    public void Begin(int sequence, BatchRow other)
    {
        Sequence = sequence;
        KnownCount = 0;
        Follow(other, common: 0);
    }

    /// <summary>Takes another's history over.</summary>
    /// <param name="other">The row to follow.</param>
    /// <param name="common">Leading tokens that both know.</param>
    public void Follow(BatchRow other, int common)
    {
        Prefilled = other.Prefilled;
        KnownCount = common;
        AppendAll(other.Known[common..]);
    }

    /// <summary>Adds a generated token.</summary>
    public void Append(int token)
    {
        if (KnownCount == _tokens.Length) Grow(KnownCount + 1);
        _tokens[KnownCount++] = token;
    }

    /// <summary>
    /// What the first positions hold: the token, and how it was computed. Positions with equal marks, and equal marks before them, have
    /// equal bits.
    /// </summary>
    /// <param name="target">Receives the marks; its length says of how many positions.</param>
    /// <param name="border">The length beyond which all is computed again; null for none.</param>
    public void CopyMarks(Span<int> target, int? border)
    {
        Known[..target.Length].CopyTo(target);
        bool isBeyond = Prefilled > border;
        for (int i = 0; i < target.Length; i++)
        {
            if (i >= Prefilled) target[i] |= Decoded;
            if (isBeyond) target[i] |= Recomputed;
        }
    }

    private void AppendAll(ReadOnlySpan<int> tokens)
    {
        if (KnownCount + tokens.Length > _tokens.Length) Grow(KnownCount + tokens.Length);
        tokens.CopyTo(_tokens.AsSpan(KnownCount));
        KnownCount += tokens.Length;
    }

    private void Grow(int least) => Array.Resize(ref _tokens, int.Max(least, 2 * _tokens.Length));
}
