namespace Beamline.Decoding.Numerics;

/// <summary>
/// The entries of a row that are in play: the row itself while most of them are, since that costs no copy; else what
/// <see cref="Survivors"/> gathers.
/// </summary>
/// <remarks>Which of the two depends on the row alone, so a row gives the same bits in any batch.</remarks>
internal readonly ref struct RowEntries
{
    private readonly ReadOnlySpan<int> _places;

    private RowEntries(ReadOnlySpan<float> values, ReadOnlySpan<int> places, int count)
    {
        Values = values;
        _places = places;
        Count = count;
    }

    /// <summary>Their scores in the order of ids; of a whole row the masked ones, minus infinity, are among them.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>How many are not masked.</summary>
    public int Count { get; }

    /// <summary>Where in the row a value stands.</summary>
    /// <param name="place">Its place in <see cref="Values"/>.</param>
    public int PlaceInRow(int place) => _places.IsEmpty ? place : _places[place];

    /// <summary>Masks the entries of the row whose deciding value is not above a threshold.</summary>
    /// <param name="row">The row that these are the entries of.</param>
    /// <param name="deciding">One value an entry of <see cref="Values"/>; no NaN.</param>
    /// <param name="threshold">The threshold itself is not above.</param>
    public void MaskWhereUpTo(Span<float> row, ReadOnlySpan<float> deciding, float threshold)
    {
        if (_places.IsEmpty)
        {
            RowMath.MaskWhereUpTo(row, deciding, threshold);
            return;
        }
        for (int place = 0; place < deciding.Length; place++)
        {
            if (deciding[place] <= threshold) row[_places[place]] = float.NegativeInfinity;
        }
    }

    /// <summary>Takes the entries of a row.</summary>
    /// <param name="row">The row; minus infinity is masked. It must not change while its entries are in use.</param>
    /// <param name="workspace">Memory for copies: <see cref="DecodingWorkspace.Values"/> and <see cref="DecodingWorkspace.Ids"/>.</param>
    public static RowEntries Of(ReadOnlySpan<float> row, DecodingWorkspace workspace)
    {
        int count = RowMath.CountUnmasked(row);
        if (count > row.Length / 2) return new(row, [], count);
        Survivors.Gather(row, workspace.Values, workspace.Ids);
        return new(workspace.Values.AsSpan(0, count), workspace.Ids.AsSpan(0, count), count);
    }
}
