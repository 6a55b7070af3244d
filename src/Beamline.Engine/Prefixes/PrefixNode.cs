using Beamline.Engine.Backends;

namespace Beamline.Engine.Prefixes;

/// <summary>Some positions that follow those of the parent: what they hold, and the memory of it.</summary>
internal sealed class PrefixNode
{
    /// <summary>The beginning of everything.</summary>
    public static PrefixNode NewRoot() => new(null, [], null, 0);

    public PrefixNode(PrefixNode? parent, int[] marks, KvSnapshot? kv, ulong fingerprint)
    {
        Parent = parent;
        Marks = marks;
        Kv = kv;
        Fingerprint = fingerprint;
        End = (parent?.End ?? 0) + marks.Length;
        Use = new(this);
    }

    public PrefixNode? Parent { get; }

    /// <summary>What the positions hold; see <see cref="Searches.BatchRow.CopyMarks"/>.</summary>
    public int[] Marks { get; }

    /// <summary>Keys and values; null at the root.</summary>
    public KvSnapshot? Kv { get; }

    /// <summary>Names the prompt up to here; 0 where none is announced.</summary>
    public ulong Fingerprint { get; }

    /// <summary>Positions up to the end of this node.</summary>
    public int End { get; }

    public List<PrefixNode> Children { get; } = [];

    /// <summary>Its place in the order of use.</summary>
    public LinkedListNode<PrefixNode> Use { get; }

    /// <summary>The child whose whole block comes next in a history; null when there is none.</summary>
    public PrefixNode? FindWhole(ReadOnlySpan<int> rest)
    {
        foreach (PrefixNode child in Children)
        {
            if (child.Marks.Length == PrefixCache.BlockTokens && rest.StartsWith(child.Marks)) return child;
        }
        return null;
    }

    /// <summary>The child that shares the most with what comes next in a history, and how much.</summary>
    public (PrefixNode? Child, int Common) FindBest(ReadOnlySpan<int> rest)
    {
        PrefixNode? best = null;
        int most = 0;
        foreach (PrefixNode child in Children)
        {
            int common = rest.CommonPrefixLength(child.Marks);
            if (common > most) (best, most) = (child, common);
        }
        return (best, most);
    }
}
