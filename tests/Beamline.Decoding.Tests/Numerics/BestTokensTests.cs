using Beamline.Decoding.Numerics;
using CsCheck;

namespace Beamline.Decoding.Tests.Numerics;

public sealed class BestTokensTests
{
    // Few different values, so that equal ones meet at every place of the list.
    private static readonly Gen<float> Score = Gen.Frequency(
        (6, Gen.Int[-6, 6].Select(value => value * 0.5f)), (6, Gen.Float[-20, 20]), (1, Gen.Const(float.NegativeInfinity)),
        (1, Gen.Const(float.NaN)));

    [Fact]
    public void Rank_RowsOfAnyLength_IsWhatAStableSortGives() =>
        Gen.Select(Score.Array[0, 300].Array[1, 4], Score.Where(float.IsFinite).Array[4], Gen.Int[1, 90]).Sample(
        (rows, sums, capacity) =>
        {
            BestTokens best = new(capacity);
            List<RankedToken> all = [];
            for (int row = 0; row < rows.Length; row++)
            {
                best.Offer(row, rows[row], sums[row]);
                for (int token = 0; token < rows[row].Length; token++) all.Add(new(row, token, rows[row][token] + sums[row]));
                // Ranking in between must not lose what may still be needed.
                best.Rank().ToArray().ShouldBe(BestOf(all, capacity));
            }
            best.Clear();
            best.Rank().Length.ShouldBe(0);
        },
        iter: 3_000);

    [Fact]
    public void OfferOne_InAnyOrder_EqualOnesRankAsTheyCame() => Gen.Select(Score.Array[0, 300], Gen.Int[1, 40]).Sample(
        (scores, capacity) =>
        {
            BestTokens best = new(capacity);
            // Not in the order of tokens, as draws come.
            RankedToken[] offered = [.. scores.Select((score, i) => new RankedToken(i % 3, 1_000 - i, score))];
            foreach (RankedToken token in offered) best.OfferOne(token.Row, token.Token, token.Score);
            best.Rank().ToArray().ShouldBe(BestOf(offered, capacity));
        },
        iter: 3_000);

    /// <summary>Each token better than all before it: the buffer is cut again and again.</summary>
    [Theory]
    [InlineData(1), InlineData(64), InlineData(4_160)]
    public void Rank_AscendingRow_IsItsEnd(int capacity)
    {
        float[] row = [.. Enumerable.Range(0, 50_257).Select(i => (float)i)];
        BestTokens best = new(capacity);
        best.Offer(0, row, sum: 0);
        best.Rank().ToArray().Select(token => token.Token).ShouldBe(Enumerable.Range(0, capacity).Select(rank => row.Length - 1 - rank));
    }

    private static RankedToken[] BestOf(IEnumerable<RankedToken> all, int capacity) =>
        [.. all.Where(token => token.Score > float.NegativeInfinity).OrderByDescending(token => token.Score).Take(capacity)];
}
