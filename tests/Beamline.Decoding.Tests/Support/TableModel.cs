using System.Text.Json;

namespace Beamline.Decoding.Tests.Support;

/// <summary>A model whose logits depend on the last one or two tokens alone.</summary>
internal sealed class TableModel
{
    private readonly Func<ReadOnlySpan<int>, float[]> _row;

    private TableModel(int vocabularySize, Func<ReadOnlySpan<int>, float[]> row)
    {
        VocabularySize = vocabularySize;
        _row = row;
    }

    public int VocabularySize { get; }

    /// <summary>A model of order 1.</summary>
    public static TableModel OfRows(float[][] rows) => new(rows.Length, history => rows[history[^1]]);

    /// <summary>A model of order 1 from its rows in a case.</summary>
    public static TableModel OfRows(JsonElement rows) => OfRows([.. rows.EnumerateArray().Select(row => row.Floats())]);

    /// <summary>A model as a file of tables gives it.</summary>
    public static TableModel Of(JsonElement table)
    {
        JsonElement rows = table.GetProperty("rows");
        if (table.GetProperty("order").GetInt32() == 1) return OfRows(rows);
        float[][][] pairs = [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(inner => inner.Floats()).ToArray())];
        return new(pairs.Length, history => pairs[history.Length > 1 ? history[^2] : history[^1]][history[^1]]);
    }

    /// <summary>The logits after a history.</summary>
    public void Forward(ReadOnlySpan<int> history, Span<float> logits) => _row(history).CopyTo(logits);
}
