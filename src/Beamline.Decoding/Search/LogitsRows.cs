namespace Beamline.Decoding.Search;

/// <summary>Rows of scores in one flat buffer, row after row.</summary>
public readonly ref struct LogitsRows
{
    private readonly Span<float> _values;

    /// <summary>Looks at a buffer as rows.</summary>
    /// <param name="values">Length is a multiple of <paramref name="vocabularySize"/>.</param>
    /// <param name="vocabularySize">Length V of a row; 1 or more.</param>
    public LogitsRows(Span<float> values, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        if (values.Length % vocabularySize != 0) throw new ArgumentException("The buffer holds no whole number of rows.", nameof(values));
        _values = values;
        VocabularySize = vocabularySize;
    }

    /// <summary>Length V of a row.</summary>
    public int VocabularySize { get; }

    /// <summary>Number of rows.</summary>
    public int Count => _values.Length / VocabularySize;

    /// <summary>One row, writable.</summary>
    public Span<float> this[int row] => _values.Slice(row * VocabularySize, VocabularySize);

    /// <summary>Some consecutive rows.</summary>
    public LogitsRows Slice(int start, int count) => new(_values.Slice(start * VocabularySize, count * VocabularySize), VocabularySize);
}
