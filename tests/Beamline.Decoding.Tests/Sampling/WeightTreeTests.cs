using Beamline.Decoding.Sampling;
using CsCheck;

namespace Beamline.Decoding.Tests.Sampling;

public sealed class WeightTreeTests
{
    private const int Width = 64;

    /// <summary>Small whole numbers add up exactly in any order, so what is drawn is what adding up anew for each draw gives.</summary>
    [Theory]
    [InlineData(200, 600), InlineData(9_000, 40)]
    public void Draw_UntilNothingIsLeft_IsWhatAddingUpAnewGives(int longest, int iterations) =>
        Gen.Select(Gen.Int[0, 3].Array[1, longest], Gen.Double[0, 1].Where(fraction => fraction < 1).Array[120]).Sample(
        (whole, fractions) =>
        {
            float[] weights = [.. whole.Select(weight => (float)weight)];
            WeightTree tree = Fill(weights, longest);
            foreach (double fraction in fractions)
            {
                int chosen = tree.Draw(fraction);
                chosen.ShouldBe(WeightedDraw.Draw(weights, weights.Sum(weight => (double)weight), fraction));
                if (chosen < 0) return;
                weights[chosen] = 0;
                tree.Remove(chosen);
            }
        },
        iter: iterations);

    [Fact]
    public void Draw_AnyWeights_HasTheBitsOfItsScalarTwin() =>
        Gen.Select(Gen.Float[0, 1].Array[1, 9_000], Gen.Double[0, 1].Where(fraction => fraction < 1).Array[20]).Sample(
        (weights, fractions) =>
        {
            WeightTree tree = Fill(weights, weights.Length);
            foreach (double fraction in fractions)
            {
                int chosen = tree.Draw(fraction);
                chosen.ShouldBe(DrawScalar(weights, fraction));
                if (chosen < 0) return;
                weights[chosen] = 0;
                tree.Remove(chosen);
            }
        },
        iter: 100);

    [Fact]
    public void Draw_FewWeightsAfterMany_KnowsNothingOfThem()
    {
        WeightTree tree = new(9_000);
        tree.Add(9_000).Fill(1);
        tree.AddUp();
        foreach (int count in (int[])[70, 3, 0])
        {
            tree.Clear();
            tree.Add(count).Fill(1);
            tree.AddUp();
            tree.Draw(0.999).ShouldBe(count - 1);
        }
    }

    [Fact]
    public void Draw_NoWeight_IsNothing() => Fill([0, 0], 70).Draw(0.5).ShouldBe(-1);

    // In pieces whose borders are not those of the nodes, as rows are.
    private static WeightTree Fill(float[] weights, int capacity)
    {
        WeightTree tree = new(capacity);
        foreach (float[] piece in weights.Chunk(100)) piece.CopyTo(tree.Add(piece.Length));
        tree.AddUp();
        return tree;
    }

    private static int DrawScalar(float[] weights, double fraction)
    {
        List<double[]> levels = [[.. weights.Chunk(Width).Select(SumByLanes)]];
        while (levels[^1].Length > 1)
        {
            levels.Add([.. levels[^1].Chunk(Width).Select(nodes => nodes.Aggregate(0.0, (sum, child) => sum + child))]);
        }
        double target = fraction * levels[^1][0];
        if (levels[^1][0] == 0) return -1;
        int node = 0;
        for (int level = levels.Count - 1; level >= 0; level--)
        {
            IEnumerable<double> all = level > 0 ? levels[level - 1] : weights.Select(weight => (double)weight);
            (int child, target) = Choose([.. all.Skip(node * Width).Take(Width)], target);
            node = node * Width + child;
        }
        return node;
    }

    private static (int Child, double Target) Choose(double[] sums, double target)
    {
        double sum = 0;
        (int Child, double Before) last = (0, 0);
        for (int i = 0; i < sums.Length; i++)
        {
            if (sums[i] == 0) continue;
            last = (i, sum);
            sum += sums[i];
            if (sum > target) break;
        }
        return (last.Child, target - last.Before);
    }

    private static double SumByLanes(float[] weights)
    {
        double[] lanes = new double[16];
        for (int i = 0; i < weights.Length; i++) lanes[i % 16] += weights[i];
        double[] quarters = [.. lanes.Chunk(4).Select(quarter => quarter[0] + quarter[1] + quarter[2] + quarter[3])];
        return quarters[0] + quarters[1] + (quarters[2] + quarters[3]);
    }
}
