using Beamline.Decoding.Numerics;
using CsCheck;

namespace Beamline.Decoding.Tests.Numerics;

/// <summary>Kernels against plain twins, at lengths around the width of a vector.</summary>
public sealed class KernelTests
{
    private const int Iterations = 3_000;

    // Few different values, so that ties are common, and what rows hold in bad times.
    private static readonly Gen<float> Score = Gen.Frequency(
        (6, Gen.Int[-6, 6].Select(value => value * 0.5f)), (6, Gen.Float[-20, 20]), (1, Gen.Const(float.NegativeInfinity)));

    private static readonly Gen<float> AnyFloat = Gen.Frequency(
        (12, Score), (1, Gen.Const(float.NaN)), (1, Gen.Const(float.PositiveInfinity)));

    [Fact]
    public void IndexOfMax_IsTheFirstGreatest_AndNaNIsGreatest() => AnyFloat.Array[1, 70].Sample(
        row =>
        {
            int expected = Array.FindIndex(row, float.IsNaN);
            if (expected < 0) expected = Array.IndexOf(row, row.Max());
            RowMath.IndexOfMax(row).ShouldBe(expected);
        },
        iter: Iterations);

    [Fact]
    public void KthGreatest_IsWhatASortGives() => Gen.Select(AnyFloat.Array[1, 70], Gen.Int[1, 70]).Sample(
        (row, k) =>
        {
            k = Math.Min(k, row.Length);
            float[] sorted = [.. row.OrderBy(value => float.IsNaN(value) ? 0 : 1).ThenByDescending(value => value)];
            Selection.KthGreatest(row, k, new float[row.Length]).ShouldBe(sorted[k - 1]);
        },
        iter: Iterations);

    [Theory]
    [InlineData(1), InlineData(50), InlineData(300), InlineData(2_999), InlineData(3_000)]
    public void KthGreatest_LongRows_IsWhatASortGives(int k)
    {
        Random random = new(5);
        float[] ascending = [.. Enumerable.Range(0, 3_000).Select(i => (float)i)];
        float[] shuffled = [.. ascending.OrderBy(_ => random.Next())];
        foreach (float[] row in (float[][])[ascending, [.. ascending.Reverse()], shuffled, new float[3_000]])
        {
            Selection.KthGreatest(row, k, new float[row.Length]).ShouldBe(row.OrderDescending().ElementAt(k - 1));
        }
    }

    [Fact]
    public void LogSoftmax_SumsToOneAndKeepsDifferences() => Score.Array[1, 70].Sample(
        row =>
        {
            float[] logs = [.. row];
            RowMath.LogSoftmax(logs);
            if (row.All(float.IsNegativeInfinity))
            {
                logs.ShouldBe(row);
                return;
            }
            double max = row.Max(), total = row.Sum(value => Math.Exp(value - max));
            for (int i = 0; i < row.Length; i++)
            {
                if (float.IsNegativeInfinity(row[i])) logs[i].ShouldBe(float.NegativeInfinity);
                else ((double)logs[i]).ShouldBe(row[i] - max - Math.Log(total), 1e-5);
            }
            logs.Sum(value => Math.Exp(value)).ShouldBe(1, 1e-5);
        },
        iter: Iterations);

    [Fact]
    public void SumAbove_IsSumAndCountOfThoseAbove() => Gen.Select(Score.Array[0, 700], Score).Sample(
        (row, threshold) =>
        {
            float[] weights = [.. row.Select((_, i) => 1 / (i + 3f))];
            (double sum, int count) = RowMath.SumAbove(row, weights, threshold);
            count.ShouldBe(row.Count(value => value > threshold));
            double exact = row.Zip(weights).Where(pair => pair.First > threshold).Sum(pair => (double)pair.Second);
            sum.ShouldBe(exact, 1e-7 * exact);
        },
        iter: Iterations);

    [Fact]
    public void Gather_KeepsWhatIsNotMaskedInOrder() => AnyFloat.Array[0, 70].Sample(
        row =>
        {
            float[] values = new float[row.Length];
            int[] places = new int[row.Length];
            int count = Survivors.Gather(row, values, places);
            places.Take(count).ShouldBe(Enumerable.Range(0, row.Length).Where(i => !float.IsNegativeInfinity(row[i])));
            values.Take(count).ShouldBe(row.Where(value => !float.IsNegativeInfinity(value)));
        },
        iter: Iterations);

    [Fact]
    public void GatherKeys_AreThoseWithinBoundsInOrderOnceSorted() => Gen.Select(Score.Array[0, 70], Score, Score).Sample(
        (row, above, upTo) =>
        {
            ulong[] keys = new ulong[row.Length];
            var sorted = Enumerable.Range(0, row.Length).Where(i => row[i] > above && row[i] <= upTo).OrderByDescending(i => row[i]);
            int count = Survivors.GatherKeys(row, above, upTo, lowestPlaceFirst: false, keys);
            keys.Take(count).Order().Select(SortKey.PlaceOfDescending).ShouldBe(sorted.ThenByDescending(i => i));
            Survivors.GatherKeys(row, above, upTo, lowestPlaceFirst: true, keys).ShouldBe(count);
            keys.Take(count).Order().Select(SortKey.PlaceOf).ShouldBe(sorted.ThenBy(i => i));
        },
        iter: Iterations);

    [Fact]
    public void MaskWhereUpTo_MasksByTheOtherRow() => Gen.Select(Score.Array[0, 70], Score.Array[70], Score).Sample(
        (row, others, threshold) =>
        {
            float[] masked = [.. row];
            RowMath.MaskWhereUpTo(masked, others.AsSpan(0, row.Length), threshold);
            masked.ShouldBe(row.Select((value, i) => others[i] <= threshold ? float.NegativeInfinity : value));
        },
        iter: Iterations);

    [Fact]
    public void SortKeys_OrderByValueThenPlace() => Score.Array[1, 30].Sample(
        row =>
        {
            int[] places = [.. Enumerable.Range(0, row.Length)];
            Sorted(row, SortKey.Ascending, SortKey.PlaceOf).ShouldBe(places.OrderBy(i => row[i] + 0f).ThenBy(i => i));
            Sorted(row, SortKey.Descending, SortKey.PlaceOf).ShouldBe(places.OrderByDescending(i => row[i] + 0f).ThenBy(i => i));
            Sorted(row, SortKey.DescendingPlaces, SortKey.PlaceOfDescending).ShouldBe(
                places.OrderByDescending(i => row[i] + 0f).ThenByDescending(i => i));
        },
        iter: Iterations);

    /// <summary>
    /// The sums that decide are made of 16 lanes in a fixed order, whatever the hardware: a plain twin gives the same bits.
    /// </summary>
    [Fact]
    public void Sum_HasTheBitsOfItsScalarTwin() => Gen.Float[-3, 3].Array[0, 70].Sample(
        row =>
        {
            double[] lanes = new double[16];
            for (int i = 0; i < row.Length; i++) lanes[i % 16] += row[i];
            double[] quarters = [.. lanes.Chunk(4).Select(quarter => quarter[0] + quarter[1] + quarter[2] + quarter[3])];
            RowMath.Sum(row).ShouldBe(quarters[0] + quarters[1] + (quarters[2] + quarters[3]), 0);
        },
        iter: Iterations);

    private static IEnumerable<int> Sorted(float[] row, Func<float, int, ulong> key, Func<ulong, int> place) =>
        row.Select(key).Order().Select(place);
}
