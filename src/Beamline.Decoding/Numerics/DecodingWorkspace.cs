namespace Beamline.Decoding.Numerics;

/// <summary>Scratch memory of the kernels. Searches that one thread advances may share it: nothing in it outlives a call.</summary>
/// <remarks>About 28 bytes an id of the vocabulary; pages that no kernel touches stay uncommitted.</remarks>
public sealed class DecodingWorkspace
{
    /// <summary>Makes room for rows of one length.</summary>
    /// <param name="vocabularySize">Length V of a row; 1 or more.</param>
    public DecodingWorkspace(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        VocabularySize = vocabularySize;
        Values = new float[vocabularySize];
        Weights = new float[vocabularySize];
        Ids = new int[vocabularySize];
        Keys = new ulong[vocabularySize];
        Seen = new ulong[(vocabularySize + 63) / 64];
    }

    /// <summary>Length V of the rows it serves.</summary>
    public int VocabularySize { get; }

    /// <summary>Scores of the entries under consideration.</summary>
    internal float[] Values { get; }

    /// <summary>Unnormalised probabilities of the same entries.</summary>
    internal float[] Weights { get; }

    /// <summary>Their ids, ascending.</summary>
    internal int[] Ids { get; }

    /// <summary>Sort keys, see <see cref="SortKey"/>.</summary>
    internal ulong[] Keys { get; }

    /// <summary>One bit an id; all zero between calls.</summary>
    internal ulong[] Seen { get; }
}
