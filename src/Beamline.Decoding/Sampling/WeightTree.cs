using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Sampling;

/// <summary>
/// Draws places in proportion to weights, again and again without replacement. A draw costs by the depth of the tree, not by the weights.
/// </summary>
/// <remarks>
/// Each node is the sum of 64 below it: of weights in the order of <see cref="RowMath.Sum"/>, of nodes from left to right, in double. So
/// the sums, and what is drawn by them, have the same bits on every machine, and do not depend on the weights that were removed before.
/// </remarks>
internal sealed class WeightTree
{
    private const int Width = 64;

    private readonly float[] _weights;

    // The lowest level first; the last one has one node, the total.
    private readonly double[][] _levels;
    private int _count;
    private int _addedUp;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">Weights at most; 1 or more.</param>
    public WeightTree(int capacity)
    {
        _weights = new float[capacity];
        List<double[]> levels = [];
        for (int nodes = capacity; levels.Count == 0 || nodes > 1;)
        {
            nodes = ParentsOf(nodes);
            levels.Add(new double[nodes]);
        }
        _levels = [.. levels];
    }

    /// <summary>Forgets all weights.</summary>
    public void Clear() => _count = _addedUp = 0;

    /// <summary>Makes places for weights behind the others. The caller writes them before its next call.</summary>
    /// <param name="count">How many; with those before at most the capacity.</param>
    public Span<float> Add(int count)
    {
        // While they are still in the processor's cache.
        AddUpTo(_count / Width);
        _count += count;
        return _weights.AsSpan(_count - count, count);
    }

    /// <summary>Adds up the weights; none may be negative.</summary>
    public void AddUp()
    {
        int nodes = ParentsOf(_count);
        AddUpTo(nodes);
        for (int level = 1; level < _levels.Length; level++)
        {
            int children = nodes;
            nodes = ParentsOf(children);
            // What an earlier, larger set of weights left behind must not count.
            _levels[level - 1].AsSpan(children).Clear();
            for (int node = 0; node < nodes; node++) _levels[level][node] = SumOf(Children(level, node));
        }
        _levels[^1].AsSpan(nodes).Clear();
    }

    /// <summary>The first place at which the running sum exceeds a fraction of the total. A weight of 0 is never chosen.</summary>
    /// <param name="fraction">0 or more, below 1.</param>
    /// <returns>The place; -1 when all weights are 0.</returns>
    public int Draw(double fraction)
    {
        double target = fraction * _levels[^1][0];
        if (_levels[^1][0] == 0) return -1;
        int node = 0;
        for (int level = _levels.Length - 1; level > 0; level--) node = node * Width + Choose(Children(level, node), ref target);
        return node * Width + Choose(Weights(node), target);
    }

    /// <summary>Takes a place out: its weight becomes 0, and the sums above it are added up anew.</summary>
    public void Remove(int place)
    {
        _weights[place] = 0;
        int node = place / Width;
        _levels[0][node] = RowMath.Sum(Weights(node));
        for (int level = 1; level < _levels.Length; level++)
        {
            node /= Width;
            _levels[level][node] = SumOf(Children(level, node));
        }
    }

    /// <summary>The child in which the running sum exceeds the target; the last of all where rounding leaves it out of reach.</summary>
    /// <param name="sums">The children; not all 0.</param>
    /// <param name="target">What is sought; becomes what is left of it for that child.</param>
    private static int Choose(ReadOnlySpan<double> sums, ref double target)
    {
        int chosen = 0;
        double sum = 0, before = 0;
        for (int i = 0; i < sums.Length && sum <= target; i++)
        {
            if (sums[i] == 0) continue;
            (chosen, before) = (i, sum);
            sum += sums[i];
        }
        target -= before;
        return chosen;
    }

    private static int Choose(ReadOnlySpan<float> weights, double target)
    {
        int chosen = 0;
        double sum = 0;
        for (int i = 0; i < weights.Length && sum <= target; i++)
        {
            if (weights[i] == 0) continue;
            chosen = i;
            sum += weights[i];
        }
        return chosen;
    }

    private void AddUpTo(int nodes)
    {
        for (; _addedUp < nodes; _addedUp++) _levels[0][_addedUp] = RowMath.Sum(Weights(_addedUp));
    }

    private static double SumOf(ReadOnlySpan<double> nodes)
    {
        double sum = 0;
        foreach (double node in nodes) sum += node;
        return sum;
    }

    private ReadOnlySpan<float> Weights(int node) => _weights.AsSpan(node * Width, Math.Min(Width, _count - node * Width));

    private ReadOnlySpan<double> Children(int level, int node)
    {
        ReadOnlySpan<double> below = _levels[level - 1];
        return below.Slice(node * Width, Math.Min(Width, below.Length - node * Width));
    }

    private static int ParentsOf(int nodes) => (nodes + Width - 1) / Width;
}
