namespace Beamline.Decoding.Numerics;

/// <summary>Values that decide an order, and what each weighs.</summary>
/// <param name="values">Values; minus infinity is not in play; no NaN.</param>
/// <param name="weights">One weight a value, none negative.</param>
/// <param name="total">Their sum.</param>
/// <param name="count">How many values are in play.</param>
internal readonly ref struct WeightedRow(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, double total, int count)
{
    /// <summary>Values; minus infinity is not in play.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>One weight a value.</summary>
    public ReadOnlySpan<float> Weights { get; } = weights;

    /// <summary>The sum of the weights.</summary>
    public double Total { get; } = total;

    /// <summary>How many values are in play.</summary>
    public int Count { get; } = count;
}
