namespace Beamline.Engine.Backends.Host;

/// <summary>
/// Inputs and logits of forward passes, in pinned memory that the runtime binds once. Written in place before each pass.
/// </summary>
internal sealed class HostInputs
{
    /// <summary>Takes the buffers.</summary>
    /// <param name="rows">Sequences of a pass at most.</param>
    /// <param name="tokens">Tokens of a pass at most, padding included.</param>
    /// <param name="vocabularySize">Length of a row of logits.</param>
    public HostInputs(int rows, int tokens, int vocabularySize)
    {
        VocabularySize = vocabularySize;
        InputIds = GC.AllocateUninitializedArray<long>(tokens, pinned: true);
        PositionIds = GC.AllocateUninitializedArray<long>(tokens, pinned: true);
        LastPositions = GC.AllocateUninitializedArray<int>(rows, pinned: true);
        TotalLength = GC.AllocateUninitializedArray<int>(1, pinned: true);
        LogitsIndex = GC.AllocateUninitializedArray<long>(rows, pinned: true);
        Logits = GC.AllocateUninitializedArray<float>(rows * vocabularySize, pinned: true);
    }

    /// <summary>Length of a row of logits.</summary>
    public int VocabularySize { get; }

    /// <summary><c>input_ids</c>: B x S token ids.</summary>
    public long[] InputIds { get; }

    /// <summary><c>position_ids</c>: B x S positions.</summary>
    public long[] PositionIds { get; }

    /// <summary><c>seqlens_k</c>: for each row its length after the pass, minus 1.</summary>
    public int[] LastPositions { get; }

    /// <summary><c>total_sequence_length</c>: the largest length after the pass.</summary>
    public int[] TotalLength { get; }

    /// <summary><c>logits_index</c>: which of the B x S tokens logits are wanted for, in the order wanted.</summary>
    public long[] LogitsIndex { get; }

    /// <summary>The logits, row after row.</summary>
    public float[] Logits { get; }

    /// <summary>Writes a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="kv">Says which row of the buffers a sequence is.</param>
    /// <returns>The sizes to bind.</returns>
    public HostShape Write(ForwardPass pass, HostKvCache kv)
    {
        ReadOnlySpan<PassEntry> entries = pass.Entries;
        int rows = entries.Length, width = pass.Width, first = int.MaxValue, longest = 0;
        foreach (PassEntry entry in entries)
        {
            first = int.Min(first, kv.SlotOf(entry.Sequence));
            longest = int.Max(longest, entry.Start + width);
        }
        // Logits that nobody wants come last: so each size of batch is bound once, however many of its rows replay.
        int unwanted = pass.LogitsRows;
        foreach (PassEntry entry in entries)
        {
            int row = kv.SlotOf(entry.Sequence) - first, at = row * width;
            ReadOnlySpan<int> tokens = pass.TokensOf(entry);
            for (int i = 0; i < width; i++)
            {
                // Behind the end of a shorter row stands padding that nothing attends to.
                InputIds[at + i] = i < tokens.Length ? tokens[i] : 0;
                PositionIds[at + i] = entry.Start + i;
            }
            LastPositions[row] = entry.Start + entry.Count - 1;
            LogitsIndex[entry.Logits >= 0 ? entry.Logits : unwanted++] = at + entry.Count - 1;
        }
        TotalLength[0] = longest;
        return new(first, rows, width);
    }
}
