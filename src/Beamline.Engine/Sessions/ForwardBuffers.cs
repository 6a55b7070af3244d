namespace Beamline.Engine.Sessions;

/// <summary>
/// Inputs and logits of forward passes, in pinned memory that a runtime may bind once. Written in place before each pass.
/// </summary>
public sealed class ForwardBuffers
{
    /// <summary>Takes the buffers.</summary>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="tokens">New tokens of one row in a pass at most.</param>
    /// <param name="vocabularySize">Length of a row of logits.</param>
    public ForwardBuffers(int rows, int tokens, int vocabularySize)
    {
        int ids = int.Max(rows, tokens);
        Rows = rows;
        VocabularySize = vocabularySize;
        InputIds = GC.AllocateUninitializedArray<long>(ids, pinned: true);
        PositionIds = GC.AllocateUninitializedArray<long>(ids, pinned: true);
        LastPositions = GC.AllocateUninitializedArray<int>(rows, pinned: true);
        TotalLength = GC.AllocateUninitializedArray<int>(1, pinned: true);
        LogitsIndex = GC.AllocateUninitializedArray<long>(rows, pinned: true);
        Logits = GC.AllocateUninitializedArray<float>(rows * vocabularySize, pinned: true);
    }

    /// <summary>Rows of the batch.</summary>
    public int Rows { get; }

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
}
